import { join } from "node:path";
import type { Caller } from "../../core/caller.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { Oid } from "../objects/object.ts";
import { newPacer, type Pacer } from "../pacer.ts";
import { proveConnected } from "../receive/connectivity.ts";
import { readIncomingPack } from "../receive/incoming-pack.ts";
import { openQuarantine } from "../receive/quarantine.ts";
import { resolveRevision } from "../revision.ts";
import { checkQuota } from "../storage.ts";
import type { Repository } from "../store/repository.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import { everything } from "../walk/object-filter.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import { ByteSource } from "../wire/byte-source.ts";
import { FetchSession } from "../wire/fetch-session.ts";
import { defaultRevision } from "./checkout.ts";

/** A revision of another repository of the workspace: `report-ada:agent/ada`, or `report-ada:` for its HEAD. */
const elsewhere = /^([^:]+):(.*)$/s;

/**
 * The commit that a revision names. One of another repository (`fork:revision`) is brought here first, with what it
 * needs and is not here, as a fetch would: no reference names it yet.
 * @throws not_found, too_large, insufficient_credits, budget_exceeded
 */
export async function bringRevision(
  context: ArtifactContext,
  repository: Repository,
  repo: string,
  revision: string,
  caller: Caller,
  signal: AbortSignal | undefined,
): Promise<Oid> {
  // No name of git's has a colon.
  const [, other, inOther = ""] = elsewhere.exec(revision) ?? [];
  if (other === undefined || other === repo) return resolveRevision(repository, inOther || revision);
  return context.repositories.use(caller.workspace, other, async (source) => {
    const commit = await resolveRevision(source, inOther || (await defaultRevision(source)));
    const pacer = newPacer(context.clock, signal);
    const known = (await repository.refs.list("refs/")).map((ref) => ref.oid);
    repository.objects.packs.refresh();
    if (await isComplete(openDiskSource(repository.objects), commit, known, pacer)) return commit;
    const pack = await packOf(context, source, commit, known, signal);
    await receive(context, repository, repo, { pack, commit, known }, caller, pacer);
    return commit;
  });
}

async function isComplete(source: ObjectSource, commit: Oid, known: readonly Oid[], pacer: Pacer): Promise<boolean> {
  try {
    await proveConnected(source, new CommitGraph(source), [commit], known, pacer);
    return true;
  } catch (error) {
    if (error instanceof MalformedData) return false;
    throw error;
  }
}

/** What a client that has all of `known` gets when it fetches a commit. */
async function packOf(
  context: ArtifactContext,
  source: Repository,
  commit: Oid,
  known: readonly Oid[],
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Buffer>> {
  const request = {
    wants: [commit],
    haves: known,
    clientShallow: new Set<Oid>(),
    deepen: null,
    filter: everything,
    done: true,
    includeTag: false,
    ofsDelta: true,
    noProgress: true,
  };
  const session = new FetchSession(source, request, [], context.clock, signal);
  await session.addHaves(known);
  return session.pack(await session.select());
}

async function receive(
  context: ArtifactContext,
  repository: Repository,
  repo: string,
  from: { readonly pack: AsyncIterable<Buffer>; readonly commit: Oid; readonly known: readonly Oid[] },
  caller: Caller,
  pacer: Pacer,
): Promise<void> {
  const quarantine = openQuarantine(repository.privateDirectory, context.rng);
  const bytesMax = Math.min(artifactLimits.pushBytesMax, context.quotaOf(repo) - repository.usage.measure());
  try {
    const body = new ByteSource(from.pack, artifactLimits.pushBytesMax);
    const incoming = await readIncomingPack(repository.objects, quarantine, body, Math.max(0, bytesMax), pacer);
    try {
      const source = openDiskSource(repository.objects, incoming?.pack ?? null);
      await proveConnected(source, new CommitGraph(source), [from.commit], from.known, pacer);
      if (incoming === null) return;
      const { bytes, checksum } = incoming;
      checkQuota(context, repository, repo, bytes);
      const accept = () => quarantine.accept(join(repository.objects.directory, "pack"), checksum);
      repository.usage.add(await context.meter.store(caller, repo, bytes, accept));
    } finally {
      incoming?.pack.close();
    }
  } finally {
    quarantine.discard();
  }
  repository.objects.packs.refresh();
}
