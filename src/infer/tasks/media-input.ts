import type { Caller } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import { mediaTypeOf } from "./media-type.ts";

/** Reads what callers refer to by handle; made by the gateway, which knows the rooms. */
export interface MediaSources {
  blob(caller: Caller, handle: string): Promise<Uint8Array>;
  /** `repo:path` or `repo@ref:path`. */
  artifact(caller: Caller, reference: string): Promise<Uint8Array>;
  /**
   * Whether nobody but this machine can reach a URL.
   * @throws forbidden when it leads into the local network and may not.
   */
  isLocal(url: string): boolean;
  /** What is behind a URL, its address checked. @throws forbidden, too_large, timeout, unavailable. */
  fetch(
    url: string,
    options: FetchOptions,
  ): Promise<{ readonly bytes: Uint8Array; readonly mediaType?: string | undefined }>;
}

export interface FetchOptions {
  readonly bytesMax: number;
  /** For the whole of it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** They go to the URL's own origin, and nowhere it redirects to. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A piece of media as base64. */
export interface MediaData {
  readonly data: string;
  readonly media_type?: string;
}

/** A piece of media as callers give it in any of their words. */
type Given =
  | string
  | {
      readonly url?: unknown;
      readonly data?: unknown;
      readonly blob?: unknown;
      readonly artifact?: unknown;
      readonly media_type?: unknown;
    };

/** The fields of params that hold media. */
const mediaFields = new Set(["images", "mask", "first_frame", "last_frame", "reference_images", "video", "audio"]);

/**
 * Params with every handle replaced by bytes, so that an adapter sees URLs and base64 alone.
 * @throws not_found, too_large, invalid_request; forbidden for a URL into the local network.
 */
export async function resolveMediaParams(
  params: Readonly<Record<string, unknown>>,
  caller: Caller,
  sources: MediaSources,
): Promise<Record<string, unknown>> {
  const resolved: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(params)) {
    if (!mediaFields.has(field)) resolved[field] = value;
    else if (Array.isArray(value))
      resolved[field] = await Promise.all(
        value.map((one) => resolveMedia(one as Given, `params.${field}`, caller, sources)),
      );
    else if (value !== undefined)
      resolved[field] = await resolveMedia(value as Given, `params.${field}`, caller, sources);
  }
  return resolved;
}

/** One piece of media with exactly one of `url` and `data`. */
export async function resolveMedia(
  given: Given,
  field: string,
  caller: Caller,
  sources: MediaSources,
): Promise<{ url?: string; data?: string; media_type?: string }> {
  const media = typeof given === "string" ? (given.startsWith("blob_") ? { blob: given } : { url: given }) : given;
  const named = (["url", "data", "blob", "artifact"] as const).filter(
    (name) => media[name as keyof typeof media] !== undefined,
  );
  if (named.length !== 1) {
    throw new SwitchyardError(
      "invalid_request",
      `${field} gives ${named.length === 0 ? "nothing" : named.join(" and ")}`,
      {
        next: "Give exactly one of url, data (base64), blob and artifact",
        details: { field },
      },
    );
  }
  const { url, data, blob, artifact, media_type } = media as Record<string, string | undefined>;
  const type = media_type === undefined ? {} : { media_type };
  if (url !== undefined) {
    const inline = /^data:([^;,]*);base64,(.*)$/s.exec(url);
    if (inline) return fromBase64(inline[2] ?? "", inline[1] || media_type, field);
    // What is in our own network only we can fetch, where the settings say that we may.
    if (sources.isLocal(checkedUrl(url, field))) return fetchMedia(url, media_type, field, sources);
    return { url, ...type };
  }
  if (data !== undefined) return fromBase64(data, media_type, field);
  const bytes = blob !== undefined ? await sources.blob(caller, blob) : await sources.artifact(caller, artifact ?? "");
  return fromBytes(bytes, media_type, field);
}

/** What is behind a URL, as base64. @throws forbidden, too_large, timeout, unavailable. */
export async function fetchMedia(
  url: string,
  mediaType: string | undefined,
  field: string,
  sources: MediaSources,
  signal?: AbortSignal,
): Promise<MediaData> {
  const fetched = await sources.fetch(url, {
    bytesMax: inferLimits.mediaInputBytesMax,
    timeoutMs: inferLimits.mediaFetchMsMax,
    signal,
  });
  return fromBytes(fetched.bytes, mediaType ?? mediaTypeOf(fetched.bytes) ?? fetched.mediaType, field);
}

function fromBase64(data: string, mediaType: string | undefined, field: string) {
  const bytes = Buffer.from(data, "base64");
  if (
    bytes.length === 0 ||
    bytes.toString("base64").replace(/=+$/, "") !== data.replaceAll(/\s/g, "").replace(/=+$/, "")
  ) {
    throw new SwitchyardError("invalid_request", `${field}.data is not base64`, {
      next: "Encode the bytes with standard base64",
      details: { field },
    });
  }
  return fromBytes(bytes, mediaType, field);
}

function fromBytes(bytes: Uint8Array, mediaType: string | undefined, field: string): MediaData {
  if (bytes.length > inferLimits.mediaInputBytesMax) {
    throw new SwitchyardError(
      "too_large",
      `${field} has ${bytes.length} bytes, more than ${inferLimits.mediaInputBytesMax}`,
      {
        next: "Make it smaller, or give a URL that the provider can fetch",
        details: { field, max: inferLimits.mediaInputBytesMax },
      },
    );
  }
  const type = mediaType ?? mediaTypeOf(bytes);
  return { data: Buffer.from(bytes).toString("base64"), ...(type === undefined ? {} : { media_type: type }) };
}

function checkedUrl(url: string, field: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new SwitchyardError("invalid_request", `${field}.url is not an http or https URL`, {
    next: "Give a full URL, or data, blob or artifact",
    details: { field },
  });
}
