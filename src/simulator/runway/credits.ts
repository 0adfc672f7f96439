import { secondsToSay } from "../media/audio.ts";
import type { Asked } from "./request.ts";

/** Credits for a second of film, and the least for one film. */
const perSecond: readonly (readonly [model: RegExp, credits: number, min: number])[] = [
  [/^gen4\.5$/, 12, 0],
  [/^gen4_turbo$/, 5, 0],
  [/^aleph2$/, 28, 56],
  [/^act_two$/, 5, 0],
  [/^veo3\.1$/, 40, 0],
  [/^veo3\.1_fast$/, 15, 0],
  [/^hailuo3$/, 10, 0],
  [/^happyhorse/, 15, 0],
  [/^seedance2_fast$/, 29, 0],
  [/^seedance2_mini$/, 16, 64],
  [/^seedance2_5$/, 30, 80],
  [/^seedance2$/, 36, 0],
  [/^grok_imagine_1_5$/, 16, 0],
  [/^gemini_omni_flash/, 10, 0],
];

/** Credits for an image. */
const perImage: readonly (readonly [model: RegExp, credits: number])[] = [
  [/^gen4_image_turbo$/, 2],
  [/^gen4_image$/, 8],
  [/^gemini_2\.5_flash$/, 5],
  [/^gemini_image3_pro$/, 20],
  [/^gpt_image_2/, 5],
  [/^seedream5_pro$/, 9],
  [/^seedream5_lite$/, 4],
  [/^grok_imagine_image_2$/, 4],
];

const secondsDefault = 5;
const charactersPerCredit = 50;

/** How long a task's film is. */
export function secondsOf({ duration }: Asked): number {
  return typeof duration === "number" ? duration : secondsDefault;
}

/** What a task costs. A model whose price is not published costs 10. */
export function creditsOf(endpoint: string, asked: Asked): number {
  if (endpoint === "text_to_image") {
    return (perImage.find(([model]) => model.test(asked.model))?.[1] ?? 10) * (asked.outputCount ?? 1);
  }
  if (endpoint === "text_to_speech") return Math.ceil((asked.promptText ?? "").length / charactersPerCredit);
  if (endpoint === "sound_effect") return 2;
  if (endpoint === "voice_isolation" || endpoint === "voice_dubbing" || endpoint === "speech_to_speech") return 10;
  const price = perSecond.find(([model]) => model.test(asked.model));
  if (!price) return 10;
  const silent =
    asked.audio === false && asked.model.startsWith("veo") ? (asked.model === "veo3.1" ? 20 : 10) : price[1];
  const seconds = endpoint === "text_to_speech" ? secondsToSay(asked.promptText ?? "") : secondsOf(asked);
  return Math.max(price[2], Math.ceil(silent * seconds));
}
