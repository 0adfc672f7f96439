import { chmodSync, lstatSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import type { Caller, CallOptions } from "../../core/caller.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { compileGlob } from "../glob.ts";
import { type ByteString, fromByteString } from "../objects/byte-string.ts";
import { forbiddenName } from "../objects/forbidden-name.ts";
import type { Oid } from "../objects/object.ts";
import { isDirectory } from "../objects/tree.ts";
import { parseDirectoryPath } from "../path.ts";
import { readCommit, readObject } from "../read-object.ts";
import { resolveRevision } from "../revision.ts";
import { requireRead } from "../rights.ts";
import { fileErrorCode, unlinkQuietly } from "../store/durable-file.ts";
import type { Repository } from "../store/repository.ts";
import { entryAt, type WalkedEntry, walkTree } from "../tree-walk.ts";
import { defaultRevision } from "./checkout.ts";

export interface CheckoutToArgs {
  readonly repo: string;
  readonly ref?: string | undefined;
  readonly path?: string | undefined;
  readonly glob?: string | undefined;
  readonly to_directory: string;
}

export interface CheckoutToResult {
  readonly repo: string;
  readonly commit: Oid;
  readonly tree: Oid;
  readonly directory: string;
  readonly written: number;
  readonly bytes: number;
  /** What was left out, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Writes files of a commit into a directory that the local user allowed. Files that are there are replaced, others
 * are left alone. Nothing is written through a link, and no link is made that leaves the directory.
 * @throws forbidden when the directory is not allowed or the caller is not the local user
 */
export async function checkoutTo(
  context: ArtifactContext,
  args: CheckoutToArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<CheckoutToResult> {
  requireRead(caller);
  const directory = openTarget(context, args.to_directory, caller);
  const matches = args.glob === undefined ? null : compileGlob(args.glob);
  const components = parseDirectoryPath(args.path);
  return context.repositories.use(caller.workspace, args.repo, async (repository) => {
    const commit = await resolveRevision(repository, args.ref ?? (await defaultRevision(repository)));
    const { tree } = await readCommit(repository.objects, commit);
    const target = new CheckoutTarget(directory, repository);
    for await (const found of entriesUnder(repository, tree, components, args.path ?? "")) {
      throwIfAborted(options.signal);
      if (matches?.(fromByteString(found.path)) === false) continue;
      await target.write(found);
    }
    return { repo: args.repo, commit, tree, directory, ...target.outcome() };
  });
}

/** The entries at or under a path, with paths relative to the directory that is written. */
async function* entriesUnder(
  repository: Repository,
  tree: Oid,
  components: readonly ByteString[],
  path: string,
): AsyncGenerator<WalkedEntry> {
  const at = await entryAt(repository.objects, tree, components);
  if (at === null) {
    throw new SwitchyardError("not_found", `there is nothing at ${path}`, {
      next: "Leave path out to write everything",
    });
  }
  if (isDirectory(at)) yield* walkTree(repository.objects, at.oid, "" as ByteString);
  else yield { path: at.name, entry: at };
}

/** The real path of an allowed directory, made if its parent is there. */
function openTarget(context: ArtifactContext, directory: string, caller: Caller): string {
  if (caller.key !== null) throw notAllowed("only the local user's calls write into directories", context);
  if (!isAbsolute(directory) || directory.includes("\0"))
    throw notAllowed("the directory is not an absolute path", context);
  const wanted = resolve(directory);
  try {
    mkdirSync(wanted);
  } catch (error) {
    if (fileErrorCode(error) !== "EEXIST") throw notAllowed("the directory's parent does not exist", context);
  }
  const real = realpathSync(wanted);
  const isInside = context.allowedDirectories.some((allowed) => {
    const root = realOrNull(allowed);
    return root !== null && (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep));
  });
  if (!isInside || !lstatSync(real).isDirectory())
    throw notAllowed("that is not one of the allowed directories", context);
  return real;
}

function realOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

class CheckoutTarget {
  readonly #directory: string;
  readonly #repository: Repository;
  readonly #skipped: { path: string; reason: string }[] = [];
  /** Directories known to be real ones inside the target. */
  readonly #known = new Set<string>();
  #written = 0;
  #bytes = 0;

  constructor(directory: string, repository: Repository) {
    this.#directory = directory;
    this.#repository = repository;
    this.#known.add(directory);
  }

  outcome() {
    return { written: this.#written, bytes: this.#bytes, skipped: this.#skipped };
  }

  async write({ path, entry }: WalkedEntry): Promise<void> {
    const shown = fromByteString(path);
    const names = path.split("/") as ByteString[];
    if (entry.mode === "160000") return this.#skip(shown, "it is a submodule");
    if (names.some((name) => forbiddenName(name) !== null)) return this.#skip(shown, "its name is not safe");
    if (this.#written >= artifactLimits.checkoutToFilesMax) throw tooMuch("files", artifactLimits.checkoutToFilesMax);
    const parts = names.map(fromByteString);
    const parent = this.#enter(parts.slice(0, -1));
    if (parent === null) return this.#skip(shown, "a file or a link is where its directory would be");
    const bytes = await readObject(this.#repository.objects, entry.oid, "blob");
    this.#bytes += bytes.length;
    if (this.#bytes > artifactLimits.checkoutToBytesMax) throw tooMuch("bytes", artifactLimits.checkoutToBytesMax);
    const target = join(parent, parts.at(-1) ?? "");
    if (isThereAsDirectory(target)) return this.#skip(shown, "a directory is in its place");
    if (entry.mode === "120000") {
      if (!this.#staysInside(parent, bytes.toString("utf8")))
        return this.#skip(shown, "it is a link out of the directory");
      replace(target, (temporary) => symlinkSync(bytes.toString("utf8"), temporary));
    } else {
      replace(target, (temporary) => {
        writeFileSync(temporary, bytes, { flag: "wx" });
        if (entry.mode === "100755") chmodSync(temporary, 0o755);
      });
    }
    this.#written += 1;
  }

  #skip(path: string, reason: string): void {
    if (this.#skipped.length < artifactLimits.checkoutEntriesMax) this.#skipped.push({ path, reason });
  }

  /** Makes a directory, one step at a time, never through a link. Null when something else is in the way. */
  #enter(parts: readonly string[]): string | null {
    let at = this.#directory;
    for (const part of parts) {
      at = join(at, part);
      if (this.#known.has(at)) continue;
      try {
        mkdirSync(at);
      } catch (error) {
        if (fileErrorCode(error) !== "EEXIST" || !lstatSync(at).isDirectory()) return null;
      }
      this.#known.add(at);
    }
    return at;
  }

  /** A link may point only at something below the target directory, by a relative path, without `..` through a link. */
  #staysInside(parent: string, link: string): boolean {
    if (link === "" || isAbsolute(link) || link.includes("\\") || link.includes("\0")) return false;
    const place = relative(this.#directory, normalize(join(parent, link)));
    const climbsLater = /(^|\/)[^/]+\/\.\.(\/|$)/.test(link.replace(/^(\.\.\/)+/, ""));
    return place !== ".." && !place.startsWith(`..${sep}`) && !isAbsolute(place) && !climbsLater;
  }
}

function isThereAsDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A link in the file's place is replaced, not followed. */
function replace(target: string, make: (temporary: string) => void): void {
  const temporary = `${target}.${process.pid}.switchyard-tmp`;
  try {
    make(temporary);
    renameSync(temporary, target);
  } catch (error) {
    unlinkQuietly(temporary);
    throw error;
  }
}

function notAllowed(why: string, context: ArtifactContext): SwitchyardError {
  return new SwitchyardError("forbidden", `nothing was written: ${why}`, {
    next: "Give a directory below one that the settings allow, or read the files with artifact.checkout",
    details: { allowed: context.allowedDirectories },
  });
}

function tooMuch(unit: string, max: number): SwitchyardError {
  return new SwitchyardError("too_large", `the checkout is larger than ${max} ${unit}; what was written stays`, {
    next: "Choose a part with path or glob, or clone it with git",
    details: { max },
  });
}
