import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { SwitchyardError } from "../../core/errors.ts";
import { sandboxLimits } from "../../core/limits.ts";

export interface WireRequest {
  readonly url: URL;
  /** Where to connect, whatever the name says. */
  readonly address: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
  /** The longest answer; what a program may be handed when absent. */
  readonly responseBytesMax?: number | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/**
 * One request over a connection of its own, without redirects, to an address that has been checked.
 * @throws too_large when the answer is longer than it may be.
 * @throws unavailable when the connection fails.
 */
export function sendRequest(
  { url, address, method, headers, body, responseBytesMax = sandboxLimits.egressResponseBytesMax }: WireRequest,
  signal: AbortSignal,
): Promise<WireResponse> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const family = isIP(address);
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method,
      agent: false,
      signal,
      headers: Object.fromEntries([...headers, ["accept-encoding", "gzip, br"], ["connection", "close"]]),
      maxHeaderSize: 32 * 1024,
      // Node asks for a list when it may try several addresses.
      lookup: (_host, options, callback) => {
        if (options.all) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
    });
    outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : unreachable(url, error)));
    outgoing.on("response", (response) => {
      readBody(response, responseBytesMax).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            statusText: response.statusMessage ?? "",
            headers: headerPairs(response),
            body: bytes,
          }),
        (error: unknown) => {
          outgoing.destroy();
          reject(signal.aborted ? signal.reason : error instanceof SwitchyardError ? error : unreachable(url, error));
        },
      );
    });
    outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  const decoder =
    encoding === "gzip" || encoding === "x-gzip"
      ? createGunzip()
      : encoding === "br"
        ? createBrotliDecompress()
        : encoding === "deflate"
          ? createInflate()
          : undefined;
  const source: Readable = decoder ? response.pipe(decoder) : response;
  if (decoder) response.on("error", (error) => decoder.destroy(error));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      response.destroy();
      throw new SwitchyardError("too_large", `the answer is longer than ${bytesMax} bytes`, {
        next: "Ask for a part of it",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headerPairs(response: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < response.rawHeaders.length && pairs.length < 100; index += 2) {
    pairs.push([(response.rawHeaders[index] ?? "").toLowerCase(), response.rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}

function unreachable(url: URL, cause: unknown): SwitchyardError {
  const code = (cause as { code?: unknown }).code;
  const what = typeof code === "string" && /^[A-Z_]+$/.test(code) ? ` (${code})` : "";
  return new SwitchyardError("unavailable", `the host ${url.hostname} could not be reached${what}`, {
    next: "Try again later",
    retryable: true,
    cause,
  });
}
