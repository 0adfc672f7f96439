import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { checkRepoName, checkWorkspaceName } from "../names.ts";
import { fileErrorCode } from "./durable-file.ts";
import { createRepository, openRepository, type Repository, type RepositoryParts } from "./repository.ts";

/** A repository in use. It stays open until released. */
export interface RepositoryLease {
  readonly repository: Repository;
  release(): void;
}

interface OpenRepository {
  readonly repository: Repository;
  readonly inode: bigint | null;
  leases: number;
}

/** Every workspace's repositories under one directory: `<directory>/<workspace>/<repo>.git`. */
export class Repositories {
  readonly #directory: string;
  readonly #parts: RepositoryParts;
  readonly #open = new Map<string, OpenRepository>();

  constructor(directory: string, parts: RepositoryParts) {
    this.#directory = directory;
    this.#parts = parts;
  }

  /** Where a repository is or would be. @throws invalid_request for a name that cannot be one. */
  pathOf(workspace: string, repo: string): string {
    return join(this.#directory, checkWorkspaceName(workspace), `${checkRepoName(repo)}.git`);
  }

  /** Runs a task with a repository open. @throws not_found */
  async use<Result>(
    workspace: string,
    repo: string,
    task: (repository: Repository) => Promise<Result>,
  ): Promise<Result> {
    return this.during(this.open(workspace, repo), repo, task);
  }

  /** Runs a task with a repository that was opened for it, and lets go of it. */
  async during<Result>(
    lease: RepositoryLease,
    repo: string,
    task: (repository: Repository) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await task(lease.repository);
    } catch (error) {
      // Deleted under the task by another call.
      if (fileErrorCode(error) === "ENOENT" && !existsSync(lease.repository.directory)) throw noSuchRepository(repo);
      throw error;
    } finally {
      lease.release();
    }
  }

  /** @throws not_found */
  open(workspace: string, repo: string): RepositoryLease {
    const lease = this.openIfThere(workspace, repo);
    if (lease) return lease;
    throw noSuchRepository(repo);
  }

  openIfThere(workspace: string, repo: string): RepositoryLease | null {
    const path = this.pathOf(workspace, repo);
    let entry = this.#open.get(path);
    if (entry !== undefined) {
      this.#open.delete(path);
      // Another process may have deleted the repository, and made a new one under its name.
      if (inodeOf(path) !== entry.inode) {
        if (entry.leases === 0) entry.repository.close();
        entry = undefined;
      }
    }
    if (entry === undefined) {
      const repository = openRepository(path, this.#parts);
      if (repository === null) return null;
      entry = { repository, inode: inodeOf(path), leases: 0 };
    }
    this.#open.set(path, entry);
    entry.leases += 1;
    this.#evict();
    return this.#lease(entry);
  }

  async openOrCreate(workspace: string, repo: string, head: string): Promise<RepositoryLease> {
    const there = this.openIfThere(workspace, repo);
    if (there) return there;
    await createRepository(this.pathOf(workspace, repo), head, this.#parts);
    return this.open(workspace, repo);
  }

  /** Makes a repository with something in it. False when there is one of that name. */
  create(
    workspace: string,
    repo: string,
    head: string,
    fill: (temporary: string, parts: RepositoryParts) => Promise<void>,
  ): Promise<boolean> {
    const parts = this.#parts;
    return createRepository(this.pathOf(workspace, repo), head, parts, (temporary) => fill(temporary, parts));
  }

  /** Names of a workspace's repositories, in order. */
  list(workspace: string): string[] {
    try {
      return readdirSync(join(this.#directory, checkWorkspaceName(workspace)))
        .filter((name) => name.endsWith(".git") && !name.startsWith("."))
        .map((name) => name.slice(0, -4))
        .sort();
    } catch (error) {
      if (fileErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  }

  /** Lets go of an open repository, because its directory goes away. */
  forget(workspace: string, repo: string): void {
    const path = this.pathOf(workspace, repo);
    const entry = this.#open.get(path);
    this.#open.delete(path);
    if (entry?.leases === 0) entry.repository.close();
  }

  close(): void {
    for (const { repository } of this.#open.values()) repository.close();
    this.#open.clear();
  }

  #lease(entry: OpenRepository): RepositoryLease {
    let held = true;
    return {
      repository: entry.repository,
      release: () => {
        if (!held) return;
        held = false;
        entry.leases -= 1;
        if (entry.leases > 0) return;
        entry.repository.objects.packs.closeRetired();
        if (this.#open.get(entry.repository.directory) !== entry) entry.repository.close();
      },
    };
  }

  #evict(): void {
    for (const [path, entry] of this.#open) {
      if (this.#open.size <= artifactLimits.openRepositoriesMax) return;
      if (entry.leases > 0) continue;
      this.#open.delete(path);
      entry.repository.close();
    }
  }
}

function inodeOf(path: string): bigint | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

function noSuchRepository(repo: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no repository ${repo}`, {
    next: "Make it with artifact.commit, or list repositories with artifact.list",
    details: { repo },
  });
}
