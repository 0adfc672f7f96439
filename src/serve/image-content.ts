import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Caller } from "../core/caller.ts";
import { serveLimits } from "../core/limits.ts";
import type { Gateway } from "../gateway.ts";

/**
 * The pictures of a result as content that a host shows and a model sees. Hosts refuse large results whole, so that
 * only what fits `serveLimits.imageContentBytesMax` together is shown; the handles in the result name them all.
 */
export async function imageContent(
  output: object,
  gateway: Gateway,
  caller: Caller,
): Promise<CallToolResult["content"]> {
  const content: CallToolResult["content"] = [];
  let left: number = serveLimits.imageContentBytesMax;
  for (const { blob, media_type, bytes } of imagesIn(output)) {
    if (bytes > left) continue;
    left -= bytes;
    // A picture that can no longer be read is still named in the result.
    const data = await gateway.readBlob(blob, caller).catch(() => undefined);
    if (data === undefined) continue;
    content.push({ type: "image", data: Buffer.from(data).toString("base64"), mimeType: media_type });
  }
  return content;
}

interface Picture {
  readonly blob: string;
  readonly media_type: string;
  readonly bytes: number;
}

/** `images` of a result, or of its `output`: where every tool that makes pictures has them. */
function imagesIn(result: object): Picture[] {
  const { images, output } = result as { images?: unknown; output?: unknown };
  const inner = typeof output === "object" && output !== null ? (output as { images?: unknown }).images : undefined;
  return [images, inner].flatMap((list) => (Array.isArray(list) ? list.filter(isPicture) : []));
}

function isPicture(value: unknown): value is Picture {
  if (typeof value !== "object" || value === null) return false;
  const { blob, media_type, bytes } = value as Partial<Picture>;
  return typeof blob === "string" && typeof bytes === "number" && shown.has(media_type ?? "");
}

const shown = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
