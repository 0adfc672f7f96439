import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts a keeper over a data directory as a process that outlives this one. */
export function spawnKeeper(dataDirectory: string): void {
  const main = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./cli.js", import.meta.url));
  const child = spawn(process.execPath, [main, "keeper"], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, SWITCHYARD_HOME: dataDirectory },
  });
  child.on("error", () => undefined);
  child.unref();
}
