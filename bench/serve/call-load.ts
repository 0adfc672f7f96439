import { once } from "node:events";
import { Agent, request } from "node:http";
import { MeasuredProcess } from "./measured-process.ts";

export interface Load {
  readonly calls: number;
  readonly concurrency: number;
}

export interface LoadFigures {
  readonly cpuUsPerCall: number;
  readonly callsPerSecond: number;
}

export type Era = "2025-11-25" | "2026-07-28";

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

function message(id: number, method: string, params: object, era: Era): string {
  const meta = era === "2026-07-28" ? { _meta: modernMeta } : {};
  return JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...params, ...meta } });
}

const echo = { name: "echo", arguments: { text: "The quick brown fox jumps over the lazy dog." } };

/** Tool calls over a spawned server's pipes. */
export async function loadStdio(command: readonly string[], era: Era, load: Load): Promise<LoadFigures> {
  const server = new MeasuredProcess(command);
  const waiting = new Map<number, () => void>();
  server.lines.on("line", (line) => {
    const { id, error, result } = JSON.parse(line) as { id: number; error?: object; result?: { isError?: boolean } };
    if (error !== undefined || result?.isError === true) throw new Error(`a call failed: ${line}`);
    waiting.get(id)?.();
    waiting.delete(id);
  });
  let id = 0;
  const call = (method: string, params: object) => {
    id += 1;
    const answered = new Promise<void>((resolve) => waiting.set(id, resolve));
    server.child.stdin?.write(`${message(id, method, params, era)}\n`);
    return answered;
  };
  if (era === "2025-11-25") {
    const clientInfo = { name: "bench", version: "0" };
    await call("initialize", { protocolVersion: era, capabilities: {}, clientInfo });
  }
  const figures = await run(server, load, () => call("tools/call", echo));
  await server.end();
  return figures;
}

/** Tool calls over HTTP with kept-alive connections. */
export async function loadHttp(command: readonly string[], load: Load): Promise<LoadFigures> {
  const server = new MeasuredProcess(command);
  const [url] = (await once(server.lines, "line")) as [string];
  const agent = new Agent({ keepAlive: true, maxSockets: load.concurrency });
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "echo",
  };
  let id = 0;
  const call = () =>
    new Promise<void>((resolve, reject) => {
      id += 1;
      const sent = request(`${url}/mcp`, { method: "POST", headers, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.on("end", resolve).resume();
      });
      sent.on("error", reject);
      sent.end(message(id, "tools/call", echo, "2026-07-28"));
    });
  const figures = await run(server, load, call);
  agent.destroy();
  await server.end();
  return figures;
}

async function run(server: MeasuredProcess, load: Load, call: () => Promise<void>): Promise<LoadFigures> {
  await repeat({ ...load, calls: Math.ceil(load.calls / 3) }, call);
  const cpuBefore = await server.cpuUs();
  const before = performance.now();
  await repeat(load, call);
  const seconds = (performance.now() - before) / 1000;
  const cpuUs = (await server.cpuUs()) - cpuBefore;
  return { cpuUsPerCall: cpuUs / load.calls, callsPerSecond: load.calls / seconds };
}

async function repeat({ calls, concurrency }: Load, call: () => Promise<void>): Promise<void> {
  let left = calls;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
