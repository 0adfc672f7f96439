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
/** A directory on its way in or out bears another name: one that is called incoming always says whose it is. */
const newPrefix = "making-";
const discardedPrefix = "discarded-";

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
  const name = Buffer.from(rng.bytes(9)).toString("base64url");
  const directory = join(privateDirectory, prefix + name);
  const made = join(privateDirectory, newPrefix + name);
  mkdirSync(made);
  writeFileSync(join(made, "holder"), holderLine());
  renameSync(made, directory);
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
    discard: () => discard(privateDirectory, prefix + name),
  };
}

/** Removes what killed processes left. */
function sweep(privateDirectory: string): void {
  for (const name of readdirSync(privateDirectory)) {
    try {
      if (name.startsWith(discardedPrefix)) rmSync(join(privateDirectory, name), { recursive: true, force: true });
      if (!name.startsWith(prefix)) continue;
      if (isHolderGone(readFileSync(join(privateDirectory, name, "holder"), "utf8"))) discard(privateDirectory, name);
    } catch {
      // Being removed by another process.
    }
  }
}

/** In one step out of the way: a process killed while it removes the files leaves nothing that is taken for a push. */
function discard(privateDirectory: string, name: string): void {
  const directory = join(privateDirectory, name);
  const discarded = join(privateDirectory, name.replace(prefix, discardedPrefix));
  if (existsSync(directory)) renameSync(directory, discarded);
  rmSync(discarded, { recursive: true, force: true });
}
