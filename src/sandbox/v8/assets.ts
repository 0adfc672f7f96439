import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The process's entry file, and the flags that leave it as little of the machine as it needs. */
export function v8Assets(): { entry: string; execArgv: string[] } {
  const here = import.meta.url;
  const isSource = here.endsWith(".ts");
  const entry = fileURLToPath(new URL(isSource ? "./child.ts" : "./sandbox-v8.js", here));
  const engine = enginePath() ?? "";
  const readable = isSource
    ? [fileURLToPath(new URL("../../..", here))]
    : [dirname(entry), dirname(engine), join(dirname(engine), "..", "node-gyp-build")];
  return {
    entry,
    execArgv: [
      "--permission",
      "--allow-addons",
      // The engine's loader looks there for which build it needs.
      ...[...readable, "/etc/alpine-release"].map((path) => `--allow-fs-read=${path}`),
      "--disable-warning=SecurityWarning",
      "--disable-warning=ExperimentalWarning",
    ],
  };
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
