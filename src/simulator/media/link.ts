import { parseDataUrl } from "../model/data-url.ts";
import type { WireContext } from "../provider.ts";
import { type HeardAudio, hearAudio } from "./audio.ts";
import { filesPath } from "./files.ts";

/** Whether a text is a link or a data URL. */
export function isLink(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text) || parseDataUrl(text) !== null;
}

/**
 * What is behind a link: a data URL's bytes, or those of a link that this simulator handed out. Null for anything else:
 * a simulator fetches nothing from the network.
 */
export function bytesBehind(link: string, context: WireContext): Buffer | null {
  const parsed = parseDataUrl(link);
  if (parsed) return Buffer.from(parsed.data, "base64");
  const own = `${context.origin()}${filesPath}`;
  if (!link.startsWith(own)) return null;
  const file = context.files.get(new URL(link).pathname);
  return file === null || file === "expired" ? null : file.bytes;
}

/** Sound behind a link that is not fetched counts as a minute. */
const unheard: HeardAudio = { seconds: 60, spoken: null };

/** What is heard behind a link; null when there are bytes and they are no sound. */
export function hearLink(link: string, context: WireContext): HeardAudio | null {
  const bytes = bytesBehind(link, context);
  return bytes ? hearAudio(bytes) : unheard;
}
