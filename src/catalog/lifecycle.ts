import type { ModelCard } from "../core/model-card.ts";

/** Why a model that its provider has shut down cannot be called, and what takes its place. */
export function endedReason({ shutdownDate, successor }: ModelCard): string {
  const instead = successor === undefined ? "it has no successor" : `use ${successor}`;
  return `its provider shut it down on ${shutdownDate}: ${instead}`;
}

/** What the caller of a model that is about to end should know; undefined where there is nothing to say. */
export function deprecationWarning({ id, status, shutdownDate, successor }: ModelCard): string | undefined {
  if (status !== "deprecated") return undefined;
  const until = shutdownDate === undefined ? "" : ` and ends on ${shutdownDate}`;
  return `${id} is deprecated${until}${successor === undefined ? "" : `: use ${successor}`}`;
}
