import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { inferLimits } from "../../core/limits.ts";
import type { Adapter, Credentials, WireRequest } from "../../providers/adapter.ts";
import type { MediaOutput } from "../../providers/shapes/media.ts";
import { readBytes } from "../../providers/wire/read.ts";
import type { Wire } from "../../providers/wire/wire.ts";
import type { Blobs } from "../../store/blobs.ts";
import { AttemptFailure } from "../attempts/failure.ts";
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

async function download(
  url: string,
  needsKey: boolean,
  { wire, adapter, credentials, signal }: Downloads,
): Promise<Uint8Array> {
  let request: WireRequest =
    needsKey && adapter.download ? adapter.download(url, credentials) : { method: "GET", url, headers: {} };
  for (let hop = 0; hop <= inferLimits.downloadRedirectsMax; hop += 1) {
    await refuseLocal(request.url, credentials.baseUrl);
    const response = await wire.send(request, { signal });
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

const local = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  local.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  local.addSubnet(network, prefix, "ipv6");

/** A provider's link must not reach into the network this server stands in, unless the provider itself stands there. */
async function refuseLocal(url: string, baseUrl: string): Promise<void> {
  const { hostname, origin } = new URL(url);
  if (origin === new URL(baseUrl).origin) return;
  const host = hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host)
    ? [{ address: host, family: isIP(host) }]
    : await lookup(host, { all: true }).catch(() => []);
  if (addresses.some(({ address, family }) => local.check(address, family === 6 ? "ipv6" : "ipv4"))) {
    throw lost("the link to the result points into the local network");
  }
}

function lost(message: string): AttemptFailure {
  return new AttemptFailure({ kind: "malformed", message }, { delivered: true });
}
