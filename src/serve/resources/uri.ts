/** What a resource's URI names. Every part is percent-decoded. */
export type ResourceName =
  | { readonly kind: "memories"; readonly profile: string }
  | { readonly kind: "memory"; readonly profile: string; readonly id: string }
  /** A repository's tree, or with `path` a file or directory of it. Without `ref` its default branch. */
  | { readonly kind: "artifact"; readonly repo: string; readonly ref?: string; readonly path?: string };

/** Reads `memory://profile`, `memory://profile/id`, `artifact://repo@ref/path`. Undefined for any other URI. */
export function parseResourceUri(uri: string): ResourceName | undefined {
  const match = /^(memory|artifact):\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (match === null) return undefined;
  const [, scheme, authority = "", rest] = match;
  try {
    if (scheme === "memory") return memoryName(decodeURIComponent(authority), rest);
    return artifactName(authority, rest);
  } catch {
    // Not well-formed percent-encoding.
    return undefined;
  }
}

function memoryName(profile: string, rest: string | undefined): ResourceName | undefined {
  if (rest === undefined || rest === "") return { kind: "memories", profile };
  if (rest.includes("/")) return undefined;
  return { kind: "memory", profile, id: decodeURIComponent(rest) };
}

function artifactName(authority: string, rest: string | undefined): ResourceName | undefined {
  const at = authority.indexOf("@");
  const repo = decodeURIComponent(at === -1 ? authority : authority.slice(0, at));
  const ref = at === -1 ? undefined : decodeURIComponent(authority.slice(at + 1));
  if (repo === "" || ref === "") return undefined;
  const path = rest === undefined || rest === "" ? undefined : decodeURIComponent(rest);
  return { kind: "artifact", repo, ...(ref === undefined ? {} : { ref }), ...(path === undefined ? {} : { path }) };
}

export function memoryUri(profile: string): string {
  return `memory://${encodeURIComponent(profile)}`;
}
