import { mediaSource, toDataUrl } from "../../media-source.ts";
import { type JsonObject, lookup } from "../../narrow.ts";
import type { MediaPart } from "../../shapes/message.ts";

const audioFormats: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
};

/** Images as `image_url`, audio as `input_audio`, files as `file`: what OpenAI itself takes. */
export function openaiMedia(part: MediaPart): JsonObject | undefined {
  const source = mediaSource(part);
  if (part.type === "image") {
    return { type: "image_url", image_url: { url: source.kind === "url" ? source.url : toDataUrl(source) } };
  }
  if (source.kind === "url") return undefined;
  if (part.type === "audio") {
    const format = lookup(audioFormats, source.mediaType);
    return format === undefined ? undefined : { type: "input_audio", input_audio: { data: source.base64, format } };
  }
  if (part.type === "file") {
    return { type: "file", file: { filename: fileName(source.mediaType), file_data: toDataUrl(source) } };
  }
  return undefined;
}

/** Images by URL or data URL, and nothing else. */
export function imageUrls(part: MediaPart): JsonObject | undefined {
  return part.type === "image" ? imageAndVideoUrls(part) : undefined;
}

/** Images and videos by URL or data URL: what several Chinese providers add to the dialect. */
export function imageAndVideoUrls(part: MediaPart): JsonObject | undefined {
  if (part.type !== "image" && part.type !== "video") return undefined;
  const source = mediaSource(part);
  const url = source.kind === "url" ? source.url : toDataUrl(source);
  return part.type === "image" ? { type: "image_url", image_url: { url } } : { type: "video_url", video_url: { url } };
}

/** The provider wants a name for a file; its ending is what matters. */
export function fileName(mediaType: string): string {
  return `file.${/\/(?:x-)?([a-z0-9]+)/.exec(mediaType)?.[1] ?? "bin"}`;
}
