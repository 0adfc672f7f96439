import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Pacer } from "../pacer.ts";
import { newBits, setBit } from "../pack/ewah.ts";
import { formatPackBitmaps } from "../pack/pack-bitmap.ts";
import type { PackFile } from "../pack/pack-file.ts";
import { writeSynced } from "../store/durable-file.ts";
import type { Repository } from "../store/repository.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { chooseCommits } from "../walk/commit-range.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import { everything } from "../walk/object-filter.ts";
import { ObjectWalk } from "../walk/object-walk.ts";
import { Selection } from "../walk/selection.ts";

/**
 * Writes down what HEAD's commit reaches, beside the largest pack, so that a clone need not walk. Only when all of it
 * is in that pack: git relies on that as well.
 */
export async function writeHeadBitmap(repository: Repository, pacer: Pacer): Promise<boolean> {
  const { packs } = repository.objects;
  const [pack] = [...packs.packs].sort((a, b) => b.index.count - a.index.count);
  const head = await repository.refs.read("HEAD");
  if (pack === undefined || head === null || pack.index.find(head) < 0 || existsSync(`${pack.path}.bitmap`))
    return false;
  const source = openDiskSource(repository.objects, pack);
  const graph = new CommitGraph(source);
  if (graph.find(head) === null) return false;
  const none: ReadonlySet<string> = new Set();
  const commits = await chooseCommits(graph, { include: [head], exclude: [], cut: none, excludeCut: none }, pacer);
  const selection = new Selection(source);
  await new ObjectWalk(source, selection, graph, everything, pacer).addCommits(commits, none);
  const [only, another] = [...selection.packs];
  if (only === undefined || another !== undefined || only[0] !== pack || selection.loose.size > 0) return false;
  const bits = newBits(pack.index.count);
  for (let position = 0; position < pack.index.count; position++) {
    if (only[1].chosen[position] === 1) setBit(bits, pack.order.rankAt(position));
  }
  const count = pack.index.count;
  const bytes = formatPackBitmaps(count, pack.checksum(), await typesOf(pack, pacer), [
    { position: pack.index.find(head), bits },
  ]);
  const temporary = join(repository.privateDirectory, `bitmap-${pack.checksum().toString("hex")}`);
  await writeSynced(temporary, bytes, 0o444);
  renameSync(temporary, `${pack.path}.bitmap`);
  pack.forgetBitmaps();
  return true;
}

async function typesOf(pack: PackFile, pacer: Pacer) {
  const count = pack.index.count;
  const types = { commit: newBits(count), tree: newBits(count), blob: newBits(count), tag: newBits(count) };
  const offsets = pack.order.offsets();
  for (let rank = 0; rank < offsets.length; rank++) {
    setBit(types[pack.typeAt(offsets[rank] ?? 0)], rank);
    await pacer.pause();
  }
  return types;
}
