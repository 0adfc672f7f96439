import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly cursor?: string };
}

export interface RawMcpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** An MCP server over HTTP that says exactly what a test wants it to: `answer` gives a result, or a status to refuse with. */
export async function rawMcpServer(
  answer: (asked: Asked, request: IncomingMessage) => object | number,
): Promise<RawMcpServer> {
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== "POST") {
        response.writeHead(405).end();
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
      const result = answer(asked, request);
      if (typeof result === "number") response.writeHead(result).end();
      else if (asked.id === undefined) response.writeHead(202).end();
      else {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ jsonrpc: "2.0", id: asked.id, ...result }));
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What such a server answers before its tools are asked for. */
export function handshake({ method }: Asked): object | undefined {
  if (method === "server/discover") return { error: { code: -32601, message: "there is no such method" } };
  if (method !== "initialize") return undefined;
  const serverInfo = { name: "raw", version: "1.0.0" };
  return { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo } };
}
