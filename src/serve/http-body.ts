import type { IncomingMessage } from "node:http";
import { serveLimits } from "../core/limits.ts";

export type HttpBody =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "too_large" }
  | { readonly kind: "not_utf8" }
  | { readonly kind: "too_slow" }
  /** The client went away before the body was whole. */
  | { readonly kind: "aborted" };

/** Reads a request's body as text, keeping at most `bytesMax` in memory. */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  timeoutMs: number = serveLimits.httpBodyTimeoutMs,
): Promise<HttpBody> {
  if (Number(request.headers["content-length"]) > bytesMax) return Promise.resolve({ kind: "too_large" });
  const read = Promise.withResolvers<HttpBody>();
  const timer = setTimeout(() => read.resolve({ kind: "too_slow" }), timeoutMs);
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= bytesMax) {
      chunks.push(chunk);
      return;
    }
    request.removeAllListeners("data");
    request.pause();
    read.resolve({ kind: "too_large" });
  });
  request.once("end", () => read.resolve(decode(chunks)));
  request.once("error", () => read.resolve({ kind: "aborted" }));
  request.once("close", () => read.resolve({ kind: "aborted" }));
  return read.promise.finally(() => clearTimeout(timer));
}

function decode(chunks: readonly Buffer[]): HttpBody {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { kind: "not_utf8" };
  }
}
