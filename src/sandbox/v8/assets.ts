import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The entry file of a process for V8: beside this file in the bundle, in the source tree otherwise. */
export function v8Entry(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./child.ts" : "./sandbox-v8.js", here));
}

/** Flags that leave a process with this entry file as little of the machine as it needs. */
export function v8Flags(entry: string): string[] {
  const engine = dirname(enginePath() ?? "");
  // The engine's loader looks in the last one for which build it needs.
  const readable = [dirname(entry), engine, join(engine, "..", "node-gyp-build"), "/etc/alpine-release"];
  if (entry.endsWith(".ts")) readable.push(fileURLToPath(new URL("../../..", import.meta.url)));
  return [
    "--permission",
    "--allow-addons",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
}

/** Whether the optional package that brings the engine is installed. */
export function isV8Installed(): boolean {
  return enginePath() !== undefined;
}

function enginePath(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve("isolated-vm");
  } catch {
    return undefined;
  }
}
