import { checkFile, inputSource, inputUrl } from "../input-media.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { UnsupportedField } from "../unsupported.ts";

const dataUrlCharactersMax = 5_000_000;
const urlCharactersMax = 2_048;
const endings = { image: ["jpg", "jpeg", "png", "webp"], video: ["mp4", "webm", "mov", "mkv", "ogg"] };

/** Runway fetches from hosts with a name, over https alone, and takes up to 5 MB inline. */
export function checkInput(
  field: string,
  type: "image" | "video",
  input: MediaInput | undefined,
): readonly UnsupportedField[] {
  if (input === undefined) return [];
  const found = checkFile(field, type, input, { endings: endings[type] });
  const source = inputSource(type, input);
  const { length } = inputUrl(type, input);
  if (source.kind === "data" && length > dataUrlCharactersMax) {
    const reason = `${length} characters of base64 are too many`;
    found.push({ field, reason, allowed: `at most ${dataUrlCharactersMax}, or a URL`, droppable: false });
  }
  if (source.kind === "url" && (!/^https:/i.test(source.url) || length > urlCharactersMax)) {
    const allowed = `an https URL of at most ${urlCharactersMax} characters`;
    found.push({ field, reason: "it fetches nothing else", allowed, droppable: false });
  }
  return found;
}
