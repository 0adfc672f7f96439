import type { ModelCard } from "../../core/model-card.ts";
import { lookup } from "../narrow.ts";
import type { ParamRule } from "../param-rules.ts";

/** What a model films. */
export interface Clips {
  /** Lengths by resolution, in seconds; absent: any whole number of them up to the longest. */
  readonly lengths?: Readonly<Record<string, readonly number[]>>;
  readonly ratios: readonly string[];
  readonly sound: boolean;
  readonly negativePrompt: boolean;
}

export const resolutions = ["360p", "540p", "720p", "1080p"];
const secondsMax = 15;
const ratiosOfAll = ["16:9", "4:3", "1:1", "3:4", "9:16"];
const short = [5, 8];
const long = [5, 8, 10];

const older: Clips = {
  lengths: { "360p": short, "540p": short, "720p": short, "1080p": short },
  ratios: ratiosOfAll,
  sound: false,
  negativePrompt: true,
};
const middle: Clips = {
  ...older,
  lengths: { "360p": long, "540p": long, "720p": long, "1080p": short },
  sound: true,
};
const newest: Clips = { ratios: [...ratiosOfAll, "2:3", "3:2", "21:9"], sound: true, negativePrompt: false };

const clips: Readonly<Record<string, Clips>> = {
  "v3.5": { ...older, lengths: { ...older.lengths, "1080p": [5] } },
  v4: older,
  "v4.5": older,
  v5: older,
  "v5.5": middle,
  "v5.6": middle,
};

export function clipsOf({ nativeId }: ModelCard): Clips {
  return lookup(clips, nativeId) ?? newest;
}

export function lengthRule({ lengths }: Clips, resolution: string): ParamRule {
  if (!lengths) return { from: 1, to: secondsMax, whole: true };
  return { oneOf: lengths[resolution] ?? [...new Set(Object.values(lengths).flat())] };
}
