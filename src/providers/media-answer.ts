import { failure, header } from "./failure.ts";
import { mediaTypeOf } from "./media-source.ts";
import { type JsonObject, parseObject } from "./narrow.ts";
import type { ProviderFailure } from "./shapes/event.ts";
import type { MediaOutput } from "./shapes/media.ts";
import type { WireAnswer } from "./shapes/wire.ts";

/** The JSON object of an answer, undefined when it is none. */
export function answerObject({ body }: WireAnswer): JsonObject | undefined {
  return parseObject(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
}

/** The answer's `content-type` without its parameters. */
export function contentTypeOf({ headers }: WireAnswer): string {
  return (header(headers, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The provider's name for the exchange, from whichever header it uses. */
export function requestIdOf({ headers }: WireAnswer): string | undefined {
  return (
    header(headers, "x-request-id") ??
    header(headers, "x-trace-id") ??
    header(headers, "trace-id") ??
    header(headers, "cf-ray")
  );
}

/** Media from base64; undefined when it holds no bytes. The first bytes say the type where nothing else does. */
export function fromBase64(base64: unknown, mediaType?: string): MediaOutput | undefined {
  if (typeof base64 !== "string") return undefined;
  return fromBytes(Buffer.from(base64, "base64"), mediaType);
}

/** Media from hexadecimal digits. */
export function fromHex(hex: unknown, mediaType?: string): MediaOutput | undefined {
  return typeof hex === "string" ? fromBytes(Buffer.from(hex, "hex"), mediaType) : undefined;
}

/** Media from bytes; undefined when there are none. */
export function fromBytes(bytes: Uint8Array, mediaType?: string): MediaOutput | undefined {
  if (bytes.byteLength === 0) return undefined;
  const type = mediaType ?? mediaTypeOf(bytes);
  return { ...(type && { mediaType: type }), source: { kind: "bytes", bytes } };
}

/** Media at a URL, undefined when it is none that can be fetched. */
export function fromUrl(url: unknown, mediaType: string, needsKey = false): MediaOutput | undefined {
  if (typeof url !== "string" || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  return { mediaType, source: { kind: "url", url, ...(needsKey && { needsKey }) } };
}

/** A 2xx answer without what was asked for. */
export function missing(what: string): { readonly failure: ProviderFailure } {
  return { failure: failure("malformed", `the answer has no ${what}`) };
}

/** What was asked for is held back by the provider's filter. */
export function heldBack(why: string, code?: string): { readonly failure: ProviderFailure } {
  return { failure: failure("content_refused", why, { code }) };
}

/** The media type of each audio format that callers can ask for; headerless sound says how it is to be read. */
export function audioType(format: string, sampleRate: number): string {
  if (format === "pcm") return `audio/L16;rate=${sampleRate};channels=1`;
  if (format === "mulaw" || format === "alaw") return `audio/${format};rate=${sampleRate}`;
  return { mp3: "audio/mpeg", opus: "audio/ogg" }[format] ?? `audio/${format}`;
}
