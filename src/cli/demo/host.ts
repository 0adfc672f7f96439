import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { version } from "../version.ts";

/** An MCP host: a client connected to a server process of its own. */
export interface Host {
  /** Calls a tool and gives its structured result. @throws with the tool's error text. */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const startTimeoutMs = 20_000;

function serverArgs(...args: readonly string[]): string[] {
  const main = new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "./cli.js", import.meta.url);
  return [fileURLToPath(main), ...args];
}

/** Spawns `switchyard stdio` over a data directory, as a host's config would. */
export async function spawnStdio(home: string): Promise<Host> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: serverArgs("stdio"),
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk) => {
    said += String(chunk);
  });
  const client = new Client({ name: "switchyard-demo", version });
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(`the stdio server did not start: ${said || String(error)}`);
  });
  return hostOver(client, () => client.close());
}

/** Starts `switchyard serve` on a free port and connects over HTTP with the key that it makes at its first start. */
export async function spawnHttp(home: string): Promise<Host> {
  const server = spawn(process.execPath, serverArgs("serve", "--port", "0"), {
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { url, key } = await startedServer(server);
  const client = new Client({ name: "switchyard-demo", version });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return hostOver(client, async () => {
    await client.close();
    server.kill("SIGTERM");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  });
}

/** Reads the server's error output to its end, and from it where the server is and the key it made. */
function startedServer(server: ChildProcess): Promise<{ url: string; key: string }> {
  return new Promise((resolve, reject) => {
    let said = "";
    const failed = () => reject(new Error(`the HTTP server did not start: ${said}`));
    const timer = setTimeout(failed, startTimeoutMs);
    server.once("exit", failed);
    server.stderr?.on("data", (chunk) => {
      said += String(chunk);
      const url = /MCP at (\S+\/mcp)/.exec(said)?.[1];
      const key = /Bearer (\S+)/.exec(said)?.[1];
      if (url === undefined || key === undefined) return;
      clearTimeout(timer);
      resolve({ url, key });
    });
  });
}

function hostOver(client: Client, close: () => Promise<void>): Host {
  return {
    async call(name, args) {
      const result = await client.callTool({ name, arguments: args });
      if (result.isError) {
        const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
        throw new Error(`${name}: ${text}`);
      }
      return result.structuredContent as Record<string, unknown>;
    },
    close,
  };
}
