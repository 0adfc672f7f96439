import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Caller } from "../core/caller.ts";
import { serveLimits } from "../core/limits.ts";
import type { Gateway } from "../gateway.ts";

/**
 * The pictures and sound of a result as content that a host shows or plays and a model takes in. Hosts refuse large
 * results whole, so that only what fits `serveLimits.mediaContentBytesMax` together is given; the handles in the result
 * name them all.
 */
export async function mediaContent(
  output: object,
  gateway: Gateway,
  caller: Caller,
): Promise<CallToolResult["content"]> {
  const content: CallToolResult["content"] = [];
  let left: number = serveLimits.mediaContentBytesMax;
  for (const { blob, media_type, bytes, type } of mediaIn(output)) {
    if (bytes > left) continue;
    left -= bytes;
    // What can no longer be read is still named in the result.
    const data = await gateway.readBlob(blob, caller).catch(() => undefined);
    if (data === undefined) continue;
    content.push({ type, data: Buffer.from(data).toString("base64"), mimeType: media_type });
  }
  return content;
}

interface Media {
  readonly type: "image" | "audio";
  readonly blob: string;
  readonly media_type: string;
  readonly bytes: number;
}

/** `images` and `audio` of a result, or of its `output`: where every tool that makes them has them. */
function mediaIn(result: object): Media[] {
  const { output } = result as { output?: unknown };
  return [result, output].flatMap((holder) => {
    if (typeof holder !== "object" || holder === null) return [];
    const { images, audio } = holder as { images?: unknown; audio?: unknown };
    return [...known(images, "image", pictures), ...known(audio, "audio", sounds)];
  });
}

function known(list: unknown, type: Media["type"], mediaTypes: ReadonlySet<string>): Media[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: Partial<Media> | null) => {
    const { blob, media_type, bytes } = value ?? {};
    const isKnown = typeof blob === "string" && typeof bytes === "number" && mediaTypes.has(media_type ?? "");
    return isKnown ? [{ type, blob, media_type: media_type ?? "", bytes }] : [];
  });
}

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** Sound that says by itself how it is to be played. */
const sounds = new Set(["audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/aac", "audio/mp4", "audio/webm"]);
