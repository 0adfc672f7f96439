import { deadline } from "./core/deadline.ts";
import { SwitchyardError } from "./core/errors.ts";
import { inferLimits } from "./core/limits.ts";
import type { FetchOptions } from "./infer/tasks/media-input.ts";
import { addressKind } from "./sandbox/egress/address.ts";
import { hostOf } from "./sandbox/egress/policy.ts";
import { sendRequest, type WireResponse } from "./sandbox/egress/request.ts";
import { type Lookup, resolveAddress, systemLookup } from "./sandbox/egress/resolve.ts";

export interface MediaFetchOptions {
  /** Hosts in the local network that may be fetched from all the same: names, or addresses. */
  readonly privateHosts: readonly string[];
  readonly lookup?: Lookup | undefined;
}

/** What was behind a URL. */
export interface FetchedMedia {
  readonly bytes: Uint8Array;
  /** As the server says; absent where it says nothing of use. */
  readonly mediaType?: string | undefined;
}

/** Fetches media by the same rules as programs in the sandbox: what is checked is what is connected to. */
export interface MediaFetch {
  /**
   * Whether nobody but this machine can reach a URL, going by its host alone.
   * @throws forbidden when it leads into the local network and the settings do not allow it.
   */
  isLocal(url: string): boolean;
  /** @throws forbidden, too_large, timeout, unavailable, invalid_request. */
  fetch(url: string, options: FetchOptions): Promise<FetchedMedia>;
}

const redirects = new Set([301, 302, 303, 307, 308]);
/** Names that a public resolver has nothing for. */
const localName = /^(?:localhost|[^.]+|.*\.(?:localhost|local|internal|intranet|lan|home\.arpa))$/i;

export function openMediaFetch({ privateHosts, lookup = systemLookup }: MediaFetchOptions): MediaFetch {
  const allowed = new Set(privateHosts.map((host) => host.toLowerCase()));

  function isLocal(text: string): boolean {
    const host = hostOf(new URL(text));
    const kind = addressKind(host);
    if (kind === "public" || (kind === "invalid" && !localName.test(host) && !allowed.has(host))) return false;
    if (kind !== "metadata" && allowed.has(host)) return true;
    throw intoLocalNetwork(host);
  }

  async function send(
    url: URL,
    given: Readonly<Record<string, string>>,
    bytesMax: number,
    signal: AbortSignal,
  ): Promise<WireResponse> {
    const host = hostOf(url);
    const address = await resolveAddress(host, allowed.has(host), lookup).catch((error: unknown) => {
      throw error instanceof SwitchyardError && error.code === "forbidden" ? intoLocalNetwork(host) : error;
    });
    const headers = Object.entries({ accept: "*/*", ...given });
    return sendRequest({ url, address, method: "GET", headers, body: undefined, responseBytesMax: bytesMax }, signal);
  }

  return {
    isLocal,
    async fetch(text, { bytesMax, timeoutMs, signal, headers = {} }) {
      const limit = deadline(timeoutMs, signal);
      try {
        let url = webUrl(text);
        const { origin } = url;
        for (let hop = 0; hop <= inferLimits.downloadRedirectsMax; hop += 1) {
          const response = await send(url, url.origin === origin ? headers : {}, bytesMax, limit.signal);
          const location = redirects.has(response.status) ? header(response, "location") : undefined;
          if (location !== undefined && URL.canParse(location, url)) {
            url = webUrl(new URL(location, url).href);
            continue;
          }
          if (response.status < 200 || response.status > 299) throw answered(url, response.status);
          return { bytes: response.body, mediaType: mediaTypeOf(header(response, "content-type")) };
        }
        throw new SwitchyardError("unavailable", `${url.origin} redirects without end`, {
          next: "Give the final address",
        });
      } finally {
        limit.clear();
      }
    },
  };
}

function webUrl(text: string): URL {
  const url = new URL(text);
  if (url.protocol === "https:" || url.protocol === "http:") return url;
  throw new SwitchyardError("invalid_request", `${url.protocol} is not a web address`, {
    next: "Give an http or https URL",
  });
}

function intoLocalNetwork(host: string): SwitchyardError {
  return new SwitchyardError("forbidden", `the URL's host ${host} is in the local network`, {
    next: "Give the bytes in data, a blob or an artifact, or allow the host in settings.json under media.private_hosts",
    details: { host },
  });
}

function answered(url: URL, status: number): SwitchyardError {
  return new SwitchyardError("unavailable", `${url.origin} answered ${status} for the media's URL`, {
    next: "Check the URL, or give the bytes in data",
    retryable: status >= 500 || status === 429,
    details: { status },
  });
}

function header({ headers }: WireResponse, name: string): string | undefined {
  return headers.find(([key]) => key === name)?.[1];
}

/** What says only that there are bytes says nothing. */
function mediaTypeOf(contentType: string | undefined): string | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  return type !== undefined && /^(?:image|audio|video)\/[\w.+-]+$|^application\/pdf$/.test(type) ? type : undefined;
}
