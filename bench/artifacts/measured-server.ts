import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** A server in a process of its own that tells what it has used. */
export interface MeasuredServer {
  readonly url: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export async function startServer(kind: "our" | "backend", directory: string): Promise<MeasuredServer> {
  const program = fileURLToPath(new URL(`${kind}-server.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, directory], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const url = await next();
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  return {
    url,
    async usage() {
      child.stdin.write("\n");
      return JSON.parse(await next()) as Usage;
    },
    async stop() {
      child.stdin.end();
      await closed;
    },
  };
}
