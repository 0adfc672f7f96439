import { spawn } from "node:child_process";
import { join } from "node:path";

/** What one process did: a line of JSON for each acknowledged step, and how it ended. */
export interface Ran {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly exitCode: number | null;
}

const program = join(import.meta.dirname, "memory-writer.ts");

/** Runs `memory-writer.ts` over a memory directory, in a shell where `before` came first (`ulimit …`). */
export function runWriter(task: Readonly<Record<string, unknown>>, before = ":"): Promise<Ran> {
  const child = spawn("sh", ["-c", `${before}; exec "$0" "$@"`, process.execPath, program, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (exitCode) => {
      const lines = output.split("\n").filter((line) => line.endsWith("}"));
      resolve({ lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), exitCode });
    });
  });
}
