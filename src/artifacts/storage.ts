import type { ArtifactContext } from "./context.ts";
import type { IdentifiedObject } from "./objects/object.ts";
import { overQuota, type Payer } from "./storage-meter.ts";
import type { Repository } from "./store/repository.ts";

/**
 * Writes objects into a repository: within its quota, and paid for.
 * @throws too_large, insufficient_credits, budget_exceeded; nothing was written then.
 */
export async function storeObjects(
  context: ArtifactContext,
  repository: Repository,
  repo: string,
  payer: Payer,
  objects: readonly IdentifiedObject[],
): Promise<void> {
  const bytesMax = objects.reduce((sum, { bytes }) => sum + deflatedBytesMax(bytes.length), 0);
  checkQuota(context, repository, repo, bytesMax);
  const stored = await context.meter.store(payer, repo, bytesMax, () => repository.objects.putMany(objects));
  repository.usage.add(stored);
}

/** @throws too_large when a repository has no room for so many bytes more. */
export function checkQuota(context: ArtifactContext, repository: Repository, repo: string, bytes: number): void {
  const quota = context.quotaOf(repo);
  if (!repository.usage.hasRoom(bytes, quota)) throw overQuota(Math.max(0, quota - repository.usage.measure()));
}

/** Deflating can make data a little longer; an entry of a pack or its index, or a file's header, comes on top. */
function deflatedBytesMax(bytes: number): number {
  return bytes + Math.ceil(bytes / 1_000) + 128;
}
