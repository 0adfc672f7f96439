import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SwitchyardError } from "../core/errors.ts";
import type { Repository } from "./store/repository.ts";

const mark = "read-only";

/** Marks a repository as one that is only read, for tools and pushes alike. */
export function markReadOnly(privateDirectory: string): void {
  writeFileSync(join(privateDirectory, mark), "");
}

export function isReadOnly(repository: Repository): boolean {
  return existsSync(join(repository.privateDirectory, mark));
}

/** @throws forbidden */
export function refuseReadOnly(repository: Repository, repo: string): void {
  if (!isReadOnly(repository)) return;
  throw new SwitchyardError("forbidden", `${repo} is a read-only fork`, {
    next: "Fork it again without read_only to change it",
    details: { repo },
  });
}
