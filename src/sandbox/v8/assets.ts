import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { SwitchyardError } from "../../core/errors.ts";

/** The entry file of a process for V8: beside this file in the bundle, in the source tree otherwise. */
export function v8Entry(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./child.ts" : "./sandbox-v8.js", here));
}

/** Flags that leave a process with this entry file and engine as little of the machine as it needs. */
export function v8Flags(entry: string, engine: string): string[] {
  const readable = [dirname(entry), engine];
  if (entry.endsWith(".ts")) readable.push(fileURLToPath(new URL("../../..", import.meta.url)));
  return [
    "--permission",
    "--allow-addons",
    ...readable.map((path) => `--allow-fs-read=${path}`),
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
}

/**
 * The engine's native code, which the optional package `isolated-vm` brings. Found here, where files can be read, so
 * that the process itself need not look for it.
 * @throws unsupported when the package is not installed, or has no build for this Node and platform.
 */
export function v8Engine(): string {
  const next = "Leave engine out, or";
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve("isolated-vm");
  } catch (cause) {
    throw new SwitchyardError("unsupported", "the v8 engine is not installed", {
      next: `${next} run npm install isolated-vm where switchyard-mcp is installed`,
      cause,
    });
  }
  try {
    const { path } = createRequire(entry)("node-gyp-build") as { path(directory: string): string };
    return path(dirname(entry));
  } catch (cause) {
    const where = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
    throw new SwitchyardError("unsupported", `the v8 engine (isolated-vm) has no build for ${where}`, {
      next: `${next} run the server on a Node that it has one for, such as 24 or 26`,
      cause,
    });
  }
}
