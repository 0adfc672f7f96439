import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { ToolAnswer } from "./world.ts";
import { commandFile } from "./world.ts";

const run = promisify(execFile);

/** The command itself over a data directory: `switchyard serve` as a process, its first key, and other commands beside it. */
export interface ServedCommand extends AsyncDisposable {
  readonly home: string;
  readonly url: string;
  /** The key that the server made at its first start. */
  readonly key: string;
  readonly pid: number;
  /** Everything that the server has said on its error output so far. */
  said(): string;
  /** Closes our end of its error output. */
  stopReading(): void;
  /** Runs another command over the same data directory and answers what it prints. */
  command(...args: string[]): Promise<string>;
  /** Calls a tool over MCP with a key; the first one when absent. */
  call(tool: string, args: Record<string, unknown>, key?: string): Promise<ToolAnswer>;
}

export async function serveCommand(settings: Record<string, unknown> = {}): Promise<ServedCommand> {
  const home = await mkdtemp(join(tmpdir(), "switchyard-served-"));
  await writeFile(join(home, "settings.json"), JSON.stringify(settings, null, 2));
  const env = { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" };
  const server = spawn(process.execPath, [commandFile, "serve", "--port", "0"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  const { url, key } = await started(server, () => said);
  const clients = new Map<string, Promise<Client>>();
  const client = (secret: string) => {
    const opening = clients.get(secret) ?? connect(url, secret);
    clients.set(secret, opening);
    return opening;
  };
  return {
    home,
    url,
    key,
    pid: server.pid ?? 0,
    said: () => said,
    stopReading: () => server.stderr.destroy(),
    command: async (...args) => (await run(process.execPath, [commandFile, ...args], { env })).stdout,
    async call(name, args, secret = key) {
      const result = await (await client(secret)).callTool({ name, arguments: args });
      const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
      return { isError: result.isError === true, text, structured: result.structuredContent };
    },
    async [Symbol.asyncDispose]() {
      for (const opening of clients.values()) await (await opening).close();
      server.kill("SIGTERM");
      if (server.exitCode === null) await once(server, "exit");
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function started(server: ChildProcess, said: () => string): Promise<{ url: string; key: string }> {
  return new Promise((resolve, reject) => {
    // The listener that collects what is said was added first.
    server.stderr?.on("data", () => {
      const url = /MCP at (\S+)\/mcp/.exec(said())?.[1];
      const key = /Bearer (\S+)/.exec(said())?.[1];
      if (url !== undefined && key !== undefined) resolve({ url, key });
    });
    server.once("exit", () => reject(new Error(`the server did not start: ${said()}`)));
  });
}

async function connect(url: string, key: string): Promise<Client> {
  const client = new Client({ name: "switchyard-test", version: "1.0.0" });
  const requestInit = { headers: { Authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  return client;
}
