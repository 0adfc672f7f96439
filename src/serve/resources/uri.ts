/** What a resource's URI names. Every part is percent-decoded. */
export type ResourceName =
  /** The memory room reads its own addresses. */
  | { readonly kind: "memory" }
  /** A repository's tree, or with `path` a file or directory of it. Without `ref` its default branch. */
  | { readonly kind: "artifact"; readonly repo: string; readonly ref?: string; readonly path?: string };

/** Reads `memory://…` and `artifact://repo@ref/path`. Undefined for any other URI. */
export function parseResourceUri(uri: string): ResourceName | undefined {
  if (uri.startsWith("memory://")) return { kind: "memory" };
  const match = /^artifact:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (match === null) return undefined;
  const [, authority = "", rest] = match;
  try {
    return artifactName(authority, rest);
  } catch {
    // Not well-formed percent-encoding.
    return undefined;
  }
}

function artifactName(authority: string, rest: string | undefined): ResourceName | undefined {
  const at = authority.indexOf("@");
  const repo = decodeURIComponent(at === -1 ? authority : authority.slice(0, at));
  const ref = at === -1 ? undefined : decodeURIComponent(authority.slice(at + 1));
  if (repo === "" || ref === "") return undefined;
  const path = rest === undefined || rest === "" ? undefined : decodeURIComponent(rest);
  return { kind: "artifact", repo, ...(ref === undefined ? {} : { ref }), ...(path === undefined ? {} : { path }) };
}
