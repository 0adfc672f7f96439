import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * A web `Request` without a body: the SDK is given the parsed body beside it, so that it is read, bounded and decoded
 * once. Aborts when the client leaves before its answer is whole.
 */
export function toWebRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  }
  const host = request.headers.host ?? "localhost";
  return new Request(`http://${host}${request.url ?? "/"}`, { method: request.method ?? "GET", headers, signal });
}

/** Writes a web `Response`, waiting for a slow client rather than holding what it has not read. */
export async function writeWebResponse(answer: Response, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const headers: Record<string, string> = {};
  for (const [name, value] of answer.headers) if (name !== "connection") headers[name] = value;
  if (!isStream || answer.body === null) {
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length > 0 || answer.status === 200) headers["content-length"] = String(bytes.length);
    response.writeHead(answer.status, headers).end(bytes);
    return;
  }
  headers["x-accel-buffering"] = "no";
  response.writeHead(answer.status, headers);
  response.flushHeaders();
  const reader = answer.body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) break;
      if (!response.write(value)) await once(response, "drain", { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    response.end();
  }
}
