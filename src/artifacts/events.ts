import type { Oid } from "./objects/object.ts";

/** A reference of a repository moved. */
export interface ArtifactEvent {
  readonly kind: "commit" | "push" | "merge" | "fork" | "import" | "tag" | "delete";
  readonly workspace: string;
  readonly repo: string;
  /** In full: `refs/heads/main`. Null when the whole repository went away. */
  readonly ref: string | null;
  readonly from: Oid | null;
  readonly to: Oid | null;
  /** The id of the key or token it was done with; null for the local user. */
  readonly by: string | null;
}

export interface ArtifactEvents {
  emit(event: ArtifactEvent): void;
  /** Answers a function that stops the listening. */
  listen(listener: (event: ArtifactEvent) => void): () => void;
}

/** Tells listeners of this process what this process changed. A listener that throws does not stop the others. */
export function newArtifactEvents(): ArtifactEvents {
  const listeners = new Set<(event: ArtifactEvent) => void>();
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch {
          // What changed has changed: a listener's trouble is its own.
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
