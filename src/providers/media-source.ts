import { SwitchyardError } from "../core/errors.ts";
import { lookup } from "./narrow.ts";
import type { MediaPart } from "./shapes/message.ts";

/** Where a part's bytes are, after the pipeline has turned handles into data. */
export type MediaSource =
  | { readonly kind: "url"; readonly url: string; readonly mediaType: string | undefined }
  | { readonly kind: "data"; readonly base64: string; readonly mediaType: string };

const dataUrl = /^data:([^;,]+)?(?:;[^;,]+)*;base64,/i;

/**
 * Reads a media part: a URL, a `data:` URL or base64. The media type is what the part says, else what the first bytes
 * say, else what the URL's ending says.
 * @throws invalid_request when the part has no bytes and no URL, or no known type.
 */
export function mediaSource(part: MediaPart): MediaSource {
  const inline = part.url === undefined ? null : dataUrl.exec(part.url);
  const base64 = inline && part.url ? part.url.slice(inline[0].length) : part.data;
  if (base64 !== undefined) {
    const mediaType = part.media_type ?? inline?.[1]?.toLowerCase() ?? sniff(base64);
    if (mediaType) return { kind: "data", base64, mediaType };
    throw new SwitchyardError("invalid_request", `an ${part.type} part has data of an unknown type`, {
      next: 'Give its media_type, such as "image/png"',
      details: { field: "media_type" },
    });
  }
  if (part.url !== undefined) {
    return { kind: "url", url: part.url, mediaType: part.media_type ?? typeOfUrl(part.url) };
  }
  throw new SwitchyardError("invalid_request", `an ${part.type} part has neither url nor data`, {
    next: "Give one of url, data, blob or artifact",
    details: { type: part.type },
  });
}

export function toDataUrl(source: Extract<MediaSource, { kind: "data" }>): string {
  return `data:${source.mediaType};base64,${source.base64}`;
}

/** How files begin: an offset, the bytes there as Latin-1, the type. */
const signatures: readonly (readonly [number, string, string])[] = [
  [0, "\x89PNG", "image/png"],
  [0, "\xff\xd8\xff", "image/jpeg"],
  [0, "GIF8", "image/gif"],
  [8, "WEBP", "image/webp"],
  [8, "WAVE", "audio/wav"],
  [0, "%PDF", "application/pdf"],
  [0, "ID3", "audio/mpeg"],
  [0, "\xff\xfb", "audio/mpeg"],
  [0, "\xff\xf3", "audio/mpeg"],
  [0, "\xff\xf2", "audio/mpeg"],
  [0, "\xff\xf1", "audio/aac"],
  [0, "\xff\xf9", "audio/aac"],
  [0, "OggS", "audio/ogg"],
  [0, "fLaC", "audio/flac"],
  [4, "ftypM4A", "audio/mp4"],
  [4, "ftyp", "video/mp4"],
  [0, "\x1a\x45\xdf\xa3", "video/webm"],
];

function sniff(base64: string): string | undefined {
  return mediaTypeOf(Buffer.from(base64.slice(0, 24), "base64"));
}

/** The media type of a file by how it begins. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return signatures.find(([offset, start]) => head.startsWith(start, offset))?.[2];
}

const endings: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
};

function typeOfUrl(url: string): string | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  return lookup(endings, /\.([a-z0-9]{2,4})$/i.exec(path)?.[1]?.toLowerCase());
}
