import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";
import type { ArtifactContext } from "./context.ts";
import type { ArtifactEvent } from "./events.ts";
import { shortName } from "./names.ts";
import type { Oid } from "./objects/object.ts";
import { parsePath } from "./path.ts";
import { readCommit, readObject } from "./read-object.ts";
import { resolveRevision } from "./revision.ts";
import { requireRead } from "./rights.ts";
import { entryAt } from "./tree-walk.ts";
import { showFile } from "./verbs/file-content.ts";

/** A file at a revision, as `artifact://repo@ref/path` names it; a slash in the revision is written `%2F`. */
export interface ArtifactResource {
  readonly repo: string;
  readonly ref: string;
  /** Empty for all of the revision. */
  readonly path: string;
}

/** Null when the URI is no artifact's. */
export function parseResourceUri(uri: string): ArtifactResource | null {
  const [, repo = "", ref = "", path = ""] = /^artifact:\/\/([a-z0-9._-]+)@([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  if (repo === "") return null;
  try {
    return { repo, ref: decodeURIComponent(ref), path: path.split("/").map(decodeURIComponent).join("/") };
  } catch {
    return null;
  }
}

export function formatResourceUri({ repo, ref, path }: ArtifactResource): string {
  const place = path.split("/").map(encodeURIComponent).join("/");
  return `artifact://${repo}@${encodeURIComponent(ref)}${path === "" ? "" : `/${place}`}`;
}

/**
 * Whether what a resource shows may be another after an event: the revision is the reference that moved. A revision
 * that is a commit's id never changes.
 */
export function isResourceTouched(resource: ArtifactResource, event: ArtifactEvent): boolean {
  if (resource.repo !== event.repo) return false;
  if (event.ref === null) return true;
  return resource.ref === event.ref || resource.ref === shortName(event.ref) || resource.ref === "HEAD";
}

export interface ResourceContent {
  readonly commit: Oid;
  readonly oid: Oid;
  readonly text?: string;
  readonly base64?: string;
}

/** Reads a resource. @throws invalid_request, not_found, too_large */
export async function readResource(context: ArtifactContext, uri: string, caller: Caller): Promise<ResourceContent> {
  requireRead(caller);
  const resource = parseResourceUri(uri);
  if (resource === null || resource.path === "") {
    throw new SwitchyardError("invalid_request", `${JSON.stringify(uri.slice(0, 200))} names no file of an artifact`, {
      next: "Use artifact://repo@ref/path",
    });
  }
  const components = parsePath(resource.path);
  return context.repositories.use(caller.workspace, resource.repo, async (repository) => {
    const commit = await resolveRevision(repository, resource.ref);
    const { tree } = await readCommit(repository.objects, commit);
    const entry = await entryAt(repository.objects, tree, components);
    if (entry === null || entry.mode === "40000" || entry.mode === "160000") {
      throw new SwitchyardError("not_found", `there is no file ${resource.path} at ${resource.ref}`, {
        next: "List files with artifact.checkout",
        details: { path: resource.path, commit },
      });
    }
    const info = await repository.objects.info(entry.oid);
    if (info !== null && info.size > artifactLimits.checkoutTextBytesMax) {
      throw new SwitchyardError("too_large", `${resource.path} has ${info.size} bytes`, {
        next: "Read parts of it with artifact.checkout and lines, or clone the repository",
        details: { bytes: info.size, max_bytes: artifactLimits.checkoutTextBytesMax },
      });
    }
    const bytes = await readObject(repository.objects, entry.oid, "blob");
    const { text, base64 } = showFile(bytes, null, artifactLimits.checkoutTextBytesMax * 2);
    return { commit, oid: entry.oid, ...(text === undefined ? { base64: base64 ?? "" } : { text }) };
  });
}
