import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Rng } from "../../core/clock.ts";
import { overQuota } from "../storage-meter.ts";
import { syncDirectory, syncFile, writeAll, writeSynced } from "../store/durable-file.ts";
import { holderLine, isHolderGone } from "../store/lock-holder.ts";
import type { ByteSource } from "../wire/byte-source.ts";

const prefix = "incoming-";

/** Where a received pack waits, out of every reader's sight, until it is accepted. */
export interface Quarantine {
  /** Path of the pack's files without their endings. */
  readonly base: string;
  /** Writes the rest of a body into the pack file; answers its size. @throws too_large */
  receive(body: ByteSource, bytesMax: number): Promise<number>;
  writeIndex(index: Buffer): Promise<void>;
  /** Moves the pack among the repository's, durably; answers how many bytes came in by that. */
  accept(packDirectory: string, checksum: Buffer): Promise<number>;
  discard(): void;
}

export function openQuarantine(privateDirectory: string, rng: Rng): Quarantine {
  sweep(privateDirectory);
  const directory = join(privateDirectory, `${prefix}${Buffer.from(rng.bytes(9)).toString("base64url")}`);
  mkdirSync(directory);
  writeFileSync(join(directory, "holder"), holderLine());
  const base = join(directory, "pack");
  return {
    base,
    async receive(body, bytesMax) {
      const fd = openSync(`${base}.pack`, "wx", 0o444);
      try {
        let size = 0;
        for (let bytes = await body.bytes(); bytes !== null; bytes = await body.bytes()) {
          size += bytes.length;
          if (size > bytesMax) throw overQuota(bytesMax);
          writeAll(fd, bytes);
        }
        await syncFile(fd);
        return size;
      } finally {
        closeSync(fd);
      }
    },
    writeIndex: (index) => writeSynced(`${base}.idx`, index, 0o444),
    async accept(packDirectory, checksum) {
      const target = join(packDirectory, `pack-${checksum.toString("hex")}`);
      if (existsSync(`${target}.idx`)) return 0;
      const bytes = statSync(`${base}.pack`).size + statSync(`${base}.idx`).size;
      // The index is what makes a pack visible, so it goes last.
      renameSync(`${base}.pack`, `${target}.pack`);
      renameSync(`${base}.idx`, `${target}.idx`);
      await syncDirectory(packDirectory);
      return bytes;
    },
    discard: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Removes what killed processes left. */
function sweep(privateDirectory: string): void {
  for (const name of readdirSync(privateDirectory)) {
    if (!name.startsWith(prefix)) continue;
    try {
      const holder = readFileSync(join(privateDirectory, name, "holder"), "utf8");
      if (isHolderGone(holder)) rmSync(join(privateDirectory, name), { recursive: true, force: true });
    } catch {
      // Just made, or being removed by another process.
    }
  }
}
