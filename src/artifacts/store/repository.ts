import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SwitchyardError } from "../../core/errors.ts";
import type { PackCaches } from "../pack/pack-file.ts";
import { DiskObjects } from "./disk-objects.ts";
import { DiskRefs } from "./disk-refs.ts";
import { DiskUsage } from "./disk-usage.ts";
import { fileErrorCode, syncDirectory } from "./durable-file.ts";
import type { LockParts } from "./lock-file.ts";
import { sweepTemporary } from "./sweep.ts";

/** An ordinary bare git repository on disk, open for reading and writing. */
export interface Repository {
  readonly directory: string;
  readonly objects: DiskObjects;
  readonly refs: DiskRefs;
  /** A directory of ours inside the repository, on its file system, that git does not look into. */
  readonly privateDirectory: string;
  /** How much of the disk its objects take. */
  readonly usage: DiskUsage;
  close(): void;
}

export interface RepositoryParts extends LockParts {
  readonly caches: PackCaches;
}

/** Opens the repository in a directory, or answers null when there is none. @throws unsupported for formats we do not write. */
export function openRepository(directory: string, parts: RepositoryParts): Repository | null {
  let config: string;
  try {
    config = readFileSync(join(directory, "config"), "utf8");
    statSync(join(directory, "objects"));
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
  refuseUnknownFormat(directory, config);
  const privateDirectory = join(directory, "switchyard");
  mkdirSync(privateDirectory, { recursive: true });
  const objects = new DiskObjects(join(directory, "objects"), parts.caches, parts.clock, parts.rng);
  const refs = new DiskRefs(directory, privateDirectory, parts);
  const usage = new DiskUsage(objects.directory, parts.clock);
  return { directory, objects, refs, privateDirectory, usage, close: () => objects.close() };
}

/**
 * Makes a bare repository, whole or not at all. False when there is one already.
 * @param head the branch that HEAD names, in full: `refs/heads/main`.
 * @param fill puts objects and references into it before anyone sees it.
 */
export async function createRepository(
  directory: string,
  head: string,
  parts: RepositoryParts,
  fill?: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const parent = dirname(directory);
  mkdirSync(parent, { recursive: true });
  sweepTemporary(parent, [".new-", ".deleted-"], parts.clock.now());
  const suffix = Buffer.from(parts.rng.bytes(9)).toString("base64url");
  const temporary = join(parent, `.new-${suffix}`);
  try {
    const folders = ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "switchyard"];
    for (const folder of folders) mkdirSync(join(temporary, folder), { recursive: true });
    writeFileSync(join(temporary, "HEAD"), `ref: ${head}\n`);
    writeFileSync(join(temporary, "config"), emptyConfig);
    writeFileSync(join(temporary, "description"), "A Switchyard artifact\n");
    await fill?.(temporary);
    await Promise.all(["", "refs", "objects"].map((folder) => syncDirectory(join(temporary, folder))));
    // A writer that did not see the repository deleted may have left pieces of it behind.
    if (existsSync(directory) && !existsSync(join(directory, "config")))
      renameSync(directory, join(parent, `.deleted-${suffix}`));
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(fileErrorCode(error) ?? "")) return false;
    throw error;
  }
  await syncDirectory(parent);
  return true;
}

const emptyConfig = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";

function refuseUnknownFormat(directory: string, config: string): void {
  if (existsSync(join(directory, "objects/info/alternates"))) {
    throw new SwitchyardError("unsupported", "the repository borrows objects from another one", {
      next: "Run `git repack -ad` in it and remove objects/info/alternates",
    });
  }
  const sha256 = /^\s*objectformat\s*=\s*(?!sha1\b)/im.test(config);
  const reftable = /^\s*refstorage\s*=\s*(?!files\b)/im.test(config);
  if (!sha256 && !reftable) return;
  throw new SwitchyardError("unsupported", `the repository uses ${sha256 ? "SHA-256 ids" : "the reftable format"}`, {
    next: "Convert it to SHA-1 and the files format, or push its content to a new repository",
  });
}
