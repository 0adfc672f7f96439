import type { IncomingMessage } from "node:http";
import { serveLimits } from "../core/limits.ts";

export type BodyFailure =
  | { readonly kind: "too_large" }
  | { readonly kind: "too_slow" }
  /** The client went away before the body was whole. */
  | { readonly kind: "aborted" };

export type BytesBody = { readonly kind: "bytes"; readonly bytes: Buffer } | BodyFailure;
export type TextBody = { readonly kind: "text"; readonly text: string } | { readonly kind: "not_utf8" } | BodyFailure;

/** Reads a request's body as text, keeping at most `bytesMax` in memory. */
export async function readBody(request: IncomingMessage, bytesMax: number, timeoutMs?: number): Promise<TextBody> {
  const body = await readBytes(request, bytesMax, timeoutMs);
  if (body.kind !== "bytes") return body;
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(body.bytes) };
  } catch {
    return { kind: "not_utf8" };
  }
}

/** Reads a request's body, keeping at most `bytesMax` in memory. */
export function readBytes(
  request: IncomingMessage,
  bytesMax: number,
  timeoutMs: number = serveLimits.httpBodyTimeoutMs,
): Promise<BytesBody> {
  if (Number(request.headers["content-length"]) > bytesMax) return Promise.resolve({ kind: "too_large" });
  const read = Promise.withResolvers<BytesBody>();
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
  request.once("end", () => read.resolve({ kind: "bytes", bytes: Buffer.concat(chunks) }));
  request.once("error", () => read.resolve({ kind: "aborted" }));
  request.once("close", () => read.resolve({ kind: "aborted" }));
  return read.promise.finally(() => clearTimeout(timer));
}
