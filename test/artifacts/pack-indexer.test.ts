import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type GitObject, identify } from "../../src/artifacts/objects/object.ts";
import { newPacer } from "../../src/artifacts/pacer.ts";
import { encodeDelta } from "../../src/artifacts/pack/delta-encoder.ts";
import { formatBaseDistance, formatEntryHeader, packTypes } from "../../src/artifacts/pack/entry.ts";
import { newPackCaches, PackFile } from "../../src/artifacts/pack/pack-file.ts";
import { formatPackIndex } from "../../src/artifacts/pack/pack-index.ts";
import { PackIndexer } from "../../src/artifacts/pack/pack-indexer.ts";
import { systemClock } from "../../src/core/clock.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { entry, pack } from "./support/raw-push.ts";
import { afterTest, commitIn, git, temporaryDirectory } from "./support/workbench.ts";

async function indexOf(path: string): Promise<{ index: Buffer; contents: Map<string, number> }> {
  const contents = new Map<string, number>();
  const indexer = new PackIndexer(path, (_type, oid, _bytes, size) => contents.set(oid, size), newPacer(systemClock));
  const { entries, checksum } = await indexer.index();
  return { index: formatPackIndex(entries, checksum), contents };
}

/** What `git index-pack` makes of the pack. */
async function gitIndexOf(path: string): Promise<Buffer> {
  await git("/", "index-pack", "-o", `${path}.theirs`, path);
  return readFileSync(`${path}.theirs`);
}

describe("the index of a received pack", () => {
  test.each([
    ["with offset deltas", []],
    ["with deltas by id", ["by id"]],
  ])("is git's own, byte for byte, %s", async (_name, args) => {
    const directory = temporaryDirectory();
    await git(directory, "init", "-q");
    const text = (i: number) =>
      Array.from({ length: 300 }, (_, line) => `line ${line} ${line < i * 9 ? "new" : ""}`).join("\n");
    for (let i = 0; i < 25; i++) await commitIn(directory, { big: text(i), [`d/${i}`]: `${i}` }, `${i}`);
    await git(
      directory,
      ...(args.length > 0 ? ["-c", "repack.useDeltaBaseOffset=false"] : []),
      "repack",
      "-adfq",
      "--depth=30",
    );
    const [path = ""] = globSync(".git/objects/pack/*.pack", { cwd: directory });
    const { index } = await indexOf(join(directory, path));
    expect(index.equals(await gitIndexOf(join(directory, path)))).toBe(true);
  });

  test("is right where contents are too many to be held, families branch, and large blobs are streamed", async () => {
    const size = 3_500_000;
    const first = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) >>> (i % 13)));
    const objects: GitObject[] = [{ type: "blob", bytes: first }];
    const entries = [entry({ type: "blob", bytes: first })];
    const offsets = [12];
    const end = () => 12 + entries.reduce((sum, one) => sum + one.length, 0);
    // Twenty generations of two: more than the cache holds, and every second one comes back for another child.
    for (let i = 1; i < 40; i++) {
      const base = Math.max(0, i % 2 ? i - 2 : i - 3);
      const bytes = Buffer.from(objects[base]?.bytes ?? first);
      bytes.write(`generation ${i}`, (i * 9_973) % size);
      const delta = encodeDelta(objects[base]?.bytes ?? first, bytes, size) ?? Buffer.alloc(0);
      const at = end();
      const header = Buffer.concat([
        formatEntryHeader(packTypes.ofsDelta, delta.length),
        formatBaseDistance(at - (offsets[base] ?? 12)),
      ]);
      entries.push(Buffer.concat([header, deflateSync(delta)]));
      offsets.push(at);
      objects.push({ type: "blob", bytes });
    }
    const large = {
      type: "blob" as const,
      bytes: Buffer.alloc(artifactLimits.streamedObjectBytesMin * 3 + 5, "large"),
    };
    entries.push(entry(large));
    objects.push(large);
    expect(objects.length * size).toBeGreaterThan(artifactLimits.deltaCacheBytesMax * 2);
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const path = join(directory, "big.pack");
    writeFileSync(path, pack(entries));
    const { index, contents } = await indexOf(path);
    const ids = objects.map((object) => identify(object.type, object.bytes).oid);
    expect([...contents.keys()].sort()).toEqual([...ids].sort());
    expect(index.equals(await gitIndexOf(path))).toBe(true);
    writeFileSync(join(directory, "big.idx"), index);
    const opened = new PackFile(join(directory, "big"), newPackCaches());
    afterTest(() => opened.close());
    for (const [i, oid] of ids.entries()) {
      expect(opened.info(opened.index.find(oid))).toEqual({ type: "blob", size: objects[i]?.bytes.length });
      expect(opened.read(opened.index.find(oid)).bytes.equals(objects[i]?.bytes ?? first)).toBe(true);
    }
  });
});
