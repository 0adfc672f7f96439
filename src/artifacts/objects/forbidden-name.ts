import { type ByteString, fromByteString } from "./byte-string.ts";

/** Characters that HFS+ leaves out when it compares names. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** NTFS: trailing dots and spaces go, and a colon begins a stream's name. */
const ntfsEnd = "[. ]*(?::.*)?$";
const dotGit = /^\.git$/i;
/** `git~1` is the short name of `.git`. */
const dotGitOnNtfs = new RegExp(`^(?:\\.git|git~1)${ntfsEnd}`, "is");
const dotGitmodules = /^\.gitmodules$/i;
/** The short names: from the name's beginning, or from a hash of it when those are taken. */
const dotGitmodulesOnNtfs = new RegExp(
  `^(?:\\.gitmodules|gitmod~[1-4]|gi7eba~[1-9]|gi7eb~\\d\\d|gi7e~\\d{3})${ntfsEnd}`,
  "is",
);

/**
 * Why a name in a tree must not be checked out anywhere, or null. These are the names that `git fsck` and a checkout
 * refuse: they would leave the tree or reach into the repository's own directory on some file system.
 */
export function forbiddenName(name: ByteString): string | null {
  if (name === "") return "an empty name";
  if (name === "." || name === "..") return `the name ${name}`;
  if (name.includes("/")) return "a name with a slash in it";
  if (name.includes("\0")) return "a name with a NUL in it";
  return isDotGit(name) ? "a name that some file system reads as .git" : null;
}

/** Whether HFS+, NTFS or a case-folding file system takes the name for `.git`. */
function isDotGit(name: ByteString): boolean {
  if (dotGit.test(withoutIgnored(name))) return true;
  return name.split("\\").some((part) => dotGitOnNtfs.test(part));
}

/** Whether some file system takes the name for `.gitmodules`, whose content git acts on. */
export function isDotGitmodules(name: ByteString): boolean {
  return dotGitmodules.test(withoutIgnored(name)) || dotGitmodulesOnNtfs.test(name);
}

function withoutIgnored(name: ByteString): string {
  return fromByteString(name).replace(ignoredByHfs, "");
}
