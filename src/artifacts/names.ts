import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";

const plainName = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Checks the name of a repository: lower-case letters, digits, dot, dash and underscore, so that it is one directory
 * and one URL segment everywhere.
 * @throws invalid_request
 */
export function checkRepoName(name: string): string {
  const bad =
    !plainName.test(name) ||
    name.length > artifactLimits.repoNameCharactersMax ||
    name.includes("..") ||
    /\.(git|lock|tmp)$|\.$/.test(name);
  if (!bad) return name;
  throw new SwitchyardError("invalid_request", `${JSON.stringify(name.slice(0, 100))} is not a repository name`, {
    next: `Use up to ${artifactLimits.repoNameCharactersMax} lower-case letters, digits, dots, dashes and underscores, such as "report-drafts"`,
    details: { repo: name.slice(0, 100) },
  });
}

/** Checks a workspace's name where it becomes a directory. @throws invalid_request */
export function checkWorkspaceName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) return name;
  throw new SwitchyardError("invalid_request", `${JSON.stringify(name.slice(0, 100))} is not a workspace name`, {
    next: "Use up to 64 letters, digits, dashes and underscores",
  });
}

const forbiddenInRef = /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^@$/;

/** Whether git accepts a full reference name (`git check-ref-format`). */
export function isRefName(name: string): boolean {
  return (
    name.length > 0 &&
    Buffer.byteLength(name) <= artifactLimits.refNameBytesMax &&
    name.isWellFormed() &&
    !forbiddenInRef.test(name) &&
    name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"))
  );
}

/** The full reference of a branch given as `main` or `refs/heads/main`. @throws invalid_request */
export function branchRef(branch: string): string {
  return shortRef("branch", "refs/heads/", branch);
}

/** The full reference of a tag given as `v1` or `refs/tags/v1`. @throws invalid_request */
export function tagRef(tag: string): string {
  return shortRef("tag", "refs/tags/", tag);
}

/** `refs/heads/main` as a person writes it. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|remotes)\//, "");
}

function shortRef(kind: string, prefix: string, name: string): string {
  const short = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  if (!short.startsWith("-") && short !== "HEAD" && isRefName(prefix + short)) return prefix + short;
  throw new SwitchyardError("invalid_request", `${JSON.stringify(name.slice(0, 100))} is not a ${kind} name`, {
    next: "Use letters, digits, dashes and slashes, without spaces, `..` or `~^:?*[`",
    details: { [kind]: name.slice(0, 100) },
  });
}
