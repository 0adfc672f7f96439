import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

/** The product as a host has it: simulated providers, a data directory, and server processes over it. */
export interface World {
  readonly home: string;
  readonly simulator: Simulator;
  /** Spawns `switchyard stdio` and connects a client of the SDK to it. */
  connect(options?: ConnectOptions): Promise<Connection>;
  /** Writes settings over what the world began with. */
  writeSettings(settings: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Connection {
  readonly client: Client;
  readonly pid: number;
  call(tool: string, args?: Record<string, unknown>, options?: { signal?: AbortSignal }): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  // Tests read deep into results; a schema test elsewhere holds their shapes.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly structured: any;
}

/** The command as it is run from source. */
export const commandFile: string = join(import.meta.dirname, "../../src/cli/main.ts");

export async function openWorld(settings: Record<string, unknown> = {}): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), "switchyard-test-"));
  const simulator = await startSimulator();
  const connections = new Set<Connection>();
  const providers = Object.fromEntries(
    (["openai", "anthropic", "google"] as const).map((name) => [
      name,
      { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
    ]),
  );
  const writeSettings = (more: Record<string, unknown>) =>
    writeFile(join(home, "settings.json"), JSON.stringify({ providers, ...more }, null, 2));
  await writeSettings(settings);

  return {
    home,
    simulator,
    writeSettings,
    async connect(options = {}) {
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [commandFile, "stdio", ...(options.args ?? [])],
        env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "", ...options.env },
        stderr: "pipe",
      });
      const client = new Client({ name: "switchyard-test", version: "1.0.0" });
      await client.connect(transport);
      const connection: Connection = {
        client,
        pid: runningPid(transport.pid),
        async call(name, args = {}, call = {}) {
          const result = await client.callTool({ name, arguments: args }, call.signal ? { signal: call.signal } : {});
          const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
          return { isError: result.isError === true, text, structured: result.structuredContent };
        },
        async close() {
          connections.delete(connection);
          await client.close();
        },
      };
      connections.add(connection);
      return connection;
    },
    async close() {
      await Promise.all([...connections].map((connection) => connection.close()));
      await simulator.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Never a made-up number: `process.kill(-1)` would end every process there is. */
function runningPid(pid: number | null): number {
  if (pid === null) throw new Error("the server has no process");
  return pid;
}
