import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** The process environment, as the rest of Switchyard is allowed to see it. */
export interface Environment {
  /** Where everything is kept. */
  readonly dataDirectory: string;
  /** A variable's value; an empty one counts as absent. */
  readonly get: (name: string) => string | undefined;
}

/**
 * Reads the environment. The data directory is `SWITCHYARD_HOME`, else `switchyard` under `XDG_DATA_HOME`
 * (`~/.local/share`), or under `LOCALAPPDATA` on Windows.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const get = (name: string) => (env[name] === "" ? undefined : env[name]);
  const home = get("SWITCHYARD_HOME");
  return { get, dataDirectory: home === undefined ? defaultDirectory(get) : resolve(home) };
}

function defaultDirectory(get: Environment["get"]): string {
  const local = get("LOCALAPPDATA");
  if (process.platform === "win32" && local !== undefined) return join(local, "switchyard");
  const data = get("XDG_DATA_HOME");
  // The XDG base directory specification says that a relative path is to be ignored.
  const base = data !== undefined && isAbsolute(data) ? data : join(homedir(), ".local", "share");
  return join(base, "switchyard");
}
