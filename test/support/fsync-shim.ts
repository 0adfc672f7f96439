import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Whether the shim can be built here: it needs Linux and a C compiler. */
export function canBuildFsyncShim(): boolean {
  return process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
}

/** Builds the shim into a directory and answers its path, for `LD_PRELOAD`. */
export function buildFsyncShim(directory: string): string {
  const output = join(directory, "fsync-shim.so");
  const source = join(import.meta.dirname, "fsync-shim.c");
  const { status, stderr } = spawnSync("cc", ["-O1", "-shared", "-fPIC", "-o", output, source, "-ldl"]);
  if (status !== 0) throw new Error(`cc failed: ${stderr}`);
  return output;
}
