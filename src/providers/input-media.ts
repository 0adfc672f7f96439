import { type MediaSource, mediaSource, toDataUrl } from "./media-source.ts";
import { lookup } from "./narrow.ts";
import type { MediaInput } from "./shapes/media.ts";
import type { MediaPart } from "./shapes/message.ts";
import type { UnsupportedField } from "./unsupported.ts";

type Kind = MediaPart["type"];

/** Where the bytes of an input are. @throws invalid_request when it has none, or their type cannot be told. */
export function inputSource(type: Kind, { url, data, media_type }: MediaInput): MediaSource {
  return mediaSource({ type, url, data, media_type });
}

/** An input as one URL, its bytes as a `data:` URL. @throws invalid_request as `inputSource` does. */
export function inputUrl(type: Kind, input: MediaInput): string {
  const source = inputSource(type, input);
  return source.kind === "url" ? source.url : toDataUrl(source);
}

export interface InputFile {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly mediaType: string;
}

/** An input as a file of a form, once `checkBytes` has found nothing: some providers go by the name's ending. */
export function inputFile(type: Kind, input: MediaInput): InputFile {
  const source = inputSource(type, input);
  const { mediaType = "application/octet-stream" } = source;
  const bytes = Buffer.from(source.kind === "data" ? source.base64 : "", "base64");
  return { bytes, mediaType, fileName: `${type}.${endingOf(mediaType)}` };
}

const endings: Readonly<Record<string, string>> = {
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
  "audio/wave": "wav",
  "audio/x-wav": "wav",
  "audio/vnd.wave": "wav",
  "audio/mp4": "m4a",
  "audio/x-m4a": "m4a",
  "audio/x-flac": "flac",
  "audio/x-aiff": "aiff",
  "application/ogg": "ogg",
  "video/quicktime": "mov",
  "image/jpeg": "jpg",
};

/** The ending of a file's name by its type, and the word that lists of accepted formats use. */
export function endingOf(mediaType: string): string {
  const [type = ""] = mediaType.toLowerCase().split(";");
  return lookup(endings, type) ?? type.slice(type.indexOf("/") + 1).replace(/[^a-z0-9]/g, "");
}

/** For a provider that does not fetch URLs. */
export function checkBytes(field: string, input: MediaInput | undefined): UnsupportedField[] {
  if (input?.url === undefined || /^data:/i.test(input.url)) return [];
  return [
    { field, reason: "it does not fetch URLs", allowed: "the bytes in data", droppable: false, needsBytes: true },
  ];
}

/** The same for each of a list. */
export function checkAllBytes(field: string, inputs: readonly MediaInput[] = []): UnsupportedField[] {
  return inputs.flatMap((input, at) => checkBytes(`${field}[${at}]`, input));
}

/** A file of a type that is not accepted, or longer than it may be. `endings` are those of `endingOf`. */
export function checkFile(
  field: string,
  type: Kind,
  input: MediaInput,
  limits: { readonly endings: readonly string[]; readonly bytesMax?: number },
): UnsupportedField[] {
  const source = inputSource(type, input);
  const found: UnsupportedField[] = [];
  const ending = source.mediaType && endingOf(source.mediaType);
  if (ending && !limits.endings.includes(ending)) {
    found.push({ field, reason: `it does not read ${source.mediaType}`, allowed: limits.endings, droppable: false });
  }
  const bytes = source.kind === "data" ? Math.floor((source.base64.length * 3) / 4) : 0;
  if (bytes > (limits.bytesMax ?? Number.POSITIVE_INFINITY)) {
    const allowed = `at most ${limits.bytesMax} bytes`;
    found.push({ field, reason: `${bytes} bytes are too many`, allowed, droppable: false });
  }
  return found;
}
