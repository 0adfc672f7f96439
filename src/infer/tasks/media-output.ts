import { SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { Adapter, Credentials, WireRequest } from "../../providers/adapter.ts";
import type { MediaOutput } from "../../providers/shapes/media.ts";
import { readBytes } from "../../providers/wire/read.ts";
import type { Wire } from "../../providers/wire/wire.ts";
import type { Blobs } from "../../store/blobs.ts";
import { AttemptFailure } from "../attempts/failure.ts";
import type { MediaSources } from "./media-input.ts";
import { mediaTypeOf, pngSize } from "./media-type.ts";

/** A piece of media in a result: a handle to its bytes, which are kept here whatever becomes of the provider's link. */
export type MediaFacts = {
  readonly blob: string;
  readonly media_type: string;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
  readonly duration_s?: number;
};

export interface Downloads {
  readonly wire: Wire;
  readonly blobs: Blobs;
  readonly sources: Pick<MediaSources, "fetch">;
  readonly adapter: Adapter;
  readonly credentials: Credentials;
  readonly workspace: string;
  readonly signal: AbortSignal;
}

/** Fetches what a provider made, if it gave a link, and keeps it. @throws AttemptFailure when the link gives nothing. */
export async function keepMedia(media: MediaOutput, downloads: Downloads): Promise<MediaFacts> {
  const { source } = media;
  const bytes =
    source.kind === "bytes" ? source.bytes : await download(source.url, source.needsKey === true, downloads);
  const size =
    media.width !== undefined && media.height !== undefined
      ? { width: media.width, height: media.height }
      : pngSize(bytes);
  return {
    blob: await downloads.blobs.put(downloads.workspace, bytes),
    media_type: mediaTypeOf(bytes) ?? media.mediaType ?? "application/octet-stream",
    bytes: bytes.length,
    ...size,
    ...(media.durationS === undefined ? {} : { duration_s: media.durationS }),
  };
}

/** From the provider itself over its own connections; from anywhere else as any URL is fetched, its address checked. */
async function download(url: string, needsKey: boolean, downloads: Downloads): Promise<Uint8Array> {
  const { adapter, credentials } = downloads;
  let request: WireRequest =
    needsKey && adapter.download ? adapter.download(url, credentials) : { method: "GET", url, headers: {} };
  for (let hop = 0; hop <= inferLimits.downloadRedirectsMax; hop += 1) {
    if (new URL(request.url).origin !== new URL(credentials.baseUrl).origin) return elsewhere(request, downloads);
    const response = await downloads.wire.send(request, { signal: downloads.signal });
    const location = response.headers.location;
    if (response.status >= 300 && response.status < 400 && typeof location === "string") {
      await response.dump();
      // The key goes nowhere but where the adapter sent it.
      request = { method: "GET", url: new URL(location, request.url).href, headers: {} };
      continue;
    }
    if (response.status < 200 || response.status > 299) {
      await response.dump();
      throw lost(`the link to the result answered ${response.status}`);
    }
    return await readBytes(response.body, inferLimits.mediaOutputBytesMax);
  }
  throw lost("the link to the result redirects without end");
}

async function elsewhere({ url, headers }: WireRequest, { sources, signal }: Downloads): Promise<Uint8Array> {
  const { mediaOutputBytesMax: bytesMax, timeoutMsDefault: timeoutMs } = inferLimits;
  try {
    return (await sources.fetch(url, { bytesMax, timeoutMs, signal, headers })).bytes;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SwitchyardError)) throw error;
    throw lost(
      error.code === "forbidden"
        ? "the link to the result points into the local network"
        : `the link to the result gives nothing: ${error.message}`,
    );
  }
}

function lost(message: string): AttemptFailure {
  return new AttemptFailure({ kind: "malformed", message }, { delivered: true });
}
