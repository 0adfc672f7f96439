import type { ServerResponse } from "node:http";

/** Tells when the client has gone before its answer was whole. */
export function onClientGone(response: ServerResponse, act: () => void): void {
  response.once("close", () => {
    if (!response.writableFinished) act();
  });
}

/** Writes a whole JSON answer. Does nothing when the answer has begun or the client is gone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": bytes.length, ...headers });
  response.end(bytes);
}

/** A JSON-RPC error that belongs to no request that could be read. */
export function answerRpcError(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerJson(response, status, { jsonrpc: "2.0", id: null, error: { code, message } }, headers);
}

/** The code MCP servers use for what HTTP itself refuses. */
export const transportErrorCode = -32000;
export const parseErrorCode = -32700;
export const internalErrorCode = -32603;
