import { type ByteString, fromByteString } from "./byte-string.ts";

/** Characters that HFS+ leaves out when it compares names. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
const dotGit = /^\.git$/i;
/** NTFS: trailing dots and spaces go, `git~1` is the short name of `.git`, and a colon begins a stream's name. */
const dotGitOnNtfs = /^(?:\.git|git~1)[. ]*(?::.*)?$/is;

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
export function isDotGit(name: ByteString): boolean {
  if (dotGit.test(fromByteString(name).replace(ignoredByHfs, ""))) return true;
  return name.split("\\").some((part) => dotGitOnNtfs.test(part));
}
