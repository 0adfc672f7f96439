import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { artifactLimits } from "../../core/limits.ts";
import { isRefName } from "../names.ts";
import { MalformedData } from "../objects/malformed.ts";
import { isOid, type Oid } from "../objects/object.ts";
import { diskError, fileErrorCode, syncDirectory, unlinkQuietly, writeSynced } from "./durable-file.ts";
import { acquireLock, type LockFile, type LockParts } from "./lock-file.ts";
import { formatPackedRefs, openPackedRefs, type PackedRef } from "./packed-refs.ts";
import { type Ref, type RefChange, RefMoved, type RefStore } from "./ref-store.ts";

/** Git's "files" references: a file each under `refs/`, or a line in `packed-refs`; git's own locks around changes. */
export class DiskRefs implements RefStore {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #locks: LockParts;
  readonly #packed: ReturnType<typeof openPackedRefs>;

  /** `temporary` is a directory on the same file system that git does not look into. */
  constructor(directory: string, temporary: string, locks: LockParts) {
    this.#directory = directory;
    this.#temporary = temporary;
    this.#locks = locks;
    this.#packed = openPackedRefs(join(directory, "packed-refs"));
  }

  async read(name: string): Promise<Oid | null> {
    return this.#readNow(name);
  }

  async readSymbolic(name: string): Promise<string | null> {
    const content = this.#readFile(name);
    return content?.startsWith("ref: ") ? content.slice(5).trim() : null;
  }

  async setSymbolic(name: string, target: string): Promise<void> {
    const lock = await acquireLock(join(this.#directory, name), this.#temporary, this.#locks);
    try {
      await this.#replace(name, `ref: ${target}\n`);
    } finally {
      lock.release();
    }
  }

  async list(prefix: string): Promise<Ref[]> {
    const names = new Set<string>();
    this.#walk(prefix.slice(0, prefix.lastIndexOf("/") + 1).replace(/\/$/, "") || "refs", names);
    for (const name of this.#packed.read().keys()) names.add(name);
    const refs: Ref[] = [];
    for (const name of [...names].sort()) {
      if (!name.startsWith(prefix) || !isRefName(name)) continue;
      const oid = this.#readNow(name);
      if (oid !== null) refs.push({ name, oid });
    }
    return refs;
  }

  /** What `packed-refs` says of a reference, when that is where it is. */
  packedRef(name: string): PackedRef | undefined {
    return this.#packed.read().get(name);
  }

  async update(changes: readonly RefChange[], signal?: AbortSignal): Promise<void> {
    const ordered = [...changes].sort((a, b) => (a.name < b.name ? -1 : 1));
    const held: LockFile[] = [];
    try {
      for (const change of ordered) held.push(await this.#lock(change.name, signal));
      for (const change of ordered) this.#check(change, ordered);
      await this.#apply(ordered);
    } catch (error) {
      throw diskError(error);
    } finally {
      for (const lock of held) lock.release();
    }
  }

  async #lock(name: string, signal: AbortSignal | undefined): Promise<LockFile> {
    const path = join(this.#directory, name);
    for (let attempt = 0; ; attempt++) {
      try {
        // Throws when the repository was deleted, before a part of it is made again.
        statSync(this.#temporary);
        mkdirSync(dirname(path), { recursive: true });
        return await acquireLock(path, this.#temporary, this.#locks, signal);
      } catch (error) {
        const code = fileErrorCode(error);
        if (code === "ENOTDIR" || code === "EEXIST") throw new RefMoved(name, null, this.#parentOf(name));
        // Whoever deleted the last reference in a directory removed it under us.
        if (code !== "ENOENT" || attempt >= 10) throw error;
      }
    }
  }

  #check(change: RefChange, all: readonly RefChange[]): void {
    const actual = this.#readNow(change.name);
    if (actual !== change.from) throw new RefMoved(change.name, actual);
    if (change.to === null || actual !== null) return;
    const clash = this.#parentOf(change.name) ?? this.#childOf(change.name);
    const beside = all.find((other) => other.to !== null && other.name.startsWith(`${change.name}/`));
    const clashesWith = clash ?? beside?.name;
    if (clashesWith !== undefined) throw new RefMoved(change.name, null, clashesWith);
  }

  async #apply(changes: readonly RefChange[]): Promise<void> {
    const touched = new Set<string>();
    const deleted = changes.filter((change) => change.to === null && change.from !== null);
    // Packed lines first: a loose file gone before its packed line would bring an old value back.
    if (deleted.length > 0) await this.#deletePacked(deleted.map((change) => change.name));
    for (const { name } of deleted) {
      try {
        unlinkSync(join(this.#directory, name));
        touched.add(dirname(join(this.#directory, name)));
      } catch (error) {
        if (fileErrorCode(error) !== "ENOENT") throw error;
      }
      unlinkQuietly(join(this.#directory, "logs", name));
    }
    for (const change of changes) {
      if (change.to === null || change.to === change.from) continue;
      await this.#replace(change.name, `${change.to}\n`, false);
      touched.add(dirname(join(this.#directory, change.name)));
    }
    await Promise.all([...touched].map(syncDirectory));
  }

  async #replace(name: string, content: string, sync = true): Promise<void> {
    const target = join(this.#directory, name);
    const temporary = join(this.#temporary, `ref-${Buffer.from(this.#locks.rng.bytes(9)).toString("base64url")}`);
    await writeSynced(temporary, Buffer.from(content), 0o644);
    try {
      try {
        renameSync(temporary, target);
      } catch (error) {
        if (!["EISDIR", "ENOTEMPTY", "EEXIST", "EPERM"].includes(fileErrorCode(error) ?? "")) throw error;
        // Directories that a deleted `name/child` left empty are in the way.
        removeEmptyDirectories(target);
        renameSync(temporary, target);
      }
    } catch (error) {
      unlinkQuietly(temporary);
      const code = fileErrorCode(error);
      if (code === "EISDIR" || code === "ENOTEMPTY") throw new RefMoved(name, null, this.#childOf(name) ?? `${name}/`);
      throw error;
    }
    if (sync) await syncDirectory(dirname(target));
  }

  async #deletePacked(names: readonly string[]): Promise<void> {
    const path = join(this.#directory, "packed-refs");
    if (!names.some((name) => this.#packed.read().has(name))) return;
    const lock = await acquireLock(path, this.#temporary, this.#locks);
    try {
      const left = new Map(this.#packed.read());
      for (const name of names) left.delete(name);
      await this.#replace("packed-refs", formatPackedRefs(left));
    } finally {
      lock.release();
    }
  }

  #readNow(name: string): Oid | null {
    let at = name;
    for (let depth = 0; depth <= artifactLimits.symbolicRefDepthMax; depth++) {
      const content = this.#readFile(at);
      // The loose file first, then the packed line: `git pack-refs` writes the line before it removes the file.
      if (content === null) return this.#packed.read().get(at)?.oid ?? null;
      if (!content.startsWith("ref: ")) {
        const oid = content.trim();
        if (isOid(oid)) return oid;
        throw new MalformedData(`the reference ${name} holds no id`);
      }
      at = content.slice(5).trim();
    }
    throw new MalformedData(`the reference ${name} points in a circle`);
  }

  #readFile(name: string): string | null {
    if (name !== "HEAD" && !(name.startsWith("refs/") && isRefName(name))) return null;
    try {
      return readFileSync(join(this.#directory, name), "utf8");
    } catch (error) {
      const code = fileErrorCode(error);
      if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR" || code === "ENAMETOOLONG") return null;
      throw error;
    }
  }

  #walk(name: string, names: Set<string>): void {
    let entries: import("node:fs").Dirent[];
    try {
      entries = readdirSync(join(this.#directory, name), { withFileTypes: true });
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT" || fileErrorCode(error) === "ENOTDIR") return;
      throw error;
    }
    for (const entry of entries) {
      const path = `${name}/${entry.name}`;
      if (entry.isDirectory()) this.#walk(path, names);
      else if (!entry.name.endsWith(".lock")) names.add(path);
    }
  }

  /** An existing reference that is a directory part of the name. */
  #parentOf(name: string): string | undefined {
    const parts = name.split("/");
    for (let i = 3; i < parts.length; i++) {
      const parent = parts.slice(0, i).join("/");
      if (this.#readNow(parent) !== null) return parent;
    }
    return undefined;
  }

  /** An existing reference that has the name as a directory part. */
  #childOf(name: string): string | undefined {
    const names = new Set<string>();
    this.#walk(name, names);
    for (const packed of this.#packed.read().keys()) names.add(packed);
    return [...names].find((other) => other.startsWith(`${name}/`) && this.#readNow(other) !== null);
  }
}

function removeEmptyDirectories(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeEmptyDirectories(join(path, entry.name));
    }
    rmdirSync(path);
  } catch {
    // Not empty after all, or not a directory: the rename that follows says so.
  }
}
