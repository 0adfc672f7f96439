import type { ParamRule } from "../param-rules.ts";

/** What a family of models films, and the words it is asked in. */
export interface VideoFamily {
  /**
   * Where what it films from goes: a list of `media` with types, `img_url`, `reference_urls`, or nowhere. Those with a
   * list take `resolution` and `ratio`, of the others some take `size`.
   */
  readonly form: "media" | "img_url" | "reference_urls" | "words";
  readonly resolutions: readonly string[];
  readonly seconds: ParamRule;
  /** None: the film has the shape of what it is made from. */
  readonly ratios: readonly string[];
  /** Whether it is asked for in pixels. */
  readonly bySize?: true;
  readonly firstFrame?: true;
  readonly lastFrame?: true;
  readonly references?: number;
  /** What a video that is handed in is to it. */
  readonly video?: "first_clip" | "reference_video" | "video";
  /** It films from one of these alone. */
  readonly needs?: readonly ("first_frame" | "reference_images" | "video")[];
  /** Whether its sound can be turned off; the others always have some. */
  readonly silence?: true;
  readonly negativePrompt?: true;
}

const ratios = ["16:9", "9:16", "1:1", "4:3", "3:4"];
const hd = ["720p", "1080p"];
const [twoToFifteen, threeToFifteen]: readonly [ParamRule, ParamRule] = [
  { from: 2, to: 15, whole: true },
  { from: 3, to: 15, whole: true },
];

const families: readonly (readonly [model: RegExp, family: VideoFamily])[] = [
  [/^happyhorse/, { form: "media", resolutions: hd, seconds: threeToFifteen, ratios, firstFrame: true, references: 9 }],
  [
    /^wan2\.7-t2v/,
    { form: "words", resolutions: hd, seconds: twoToFifteen, ratios: [...ratios, "21:9"], negativePrompt: true },
  ],
  [
    /^wan2\.7-i2v/,
    {
      form: "media",
      resolutions: hd,
      seconds: twoToFifteen,
      ratios: [],
      firstFrame: true,
      lastFrame: true,
      video: "first_clip",
      needs: ["first_frame", "video"],
      negativePrompt: true,
    },
  ],
  [
    /^wan2\.7-r2v/,
    {
      form: "media",
      resolutions: hd,
      seconds: twoToFifteen,
      ratios: [...ratios, "21:9"],
      references: 5,
      video: "reference_video",
      needs: ["reference_images", "video"],
      negativePrompt: true,
    },
  ],
  [
    /^wan2\.7-videoedit/,
    {
      form: "media",
      resolutions: hd,
      seconds: twoToFifteen,
      ratios: [...ratios, "21:9"],
      references: 4,
      video: "video",
      needs: ["video"],
      negativePrompt: true,
    },
  ],
  [
    /^wan2\.6-t2v/,
    { form: "words", resolutions: hd, seconds: { oneOf: [5, 10, 15] }, ratios, bySize: true, negativePrompt: true },
  ],
  [
    /^wan2\.6-i2v/,
    {
      form: "img_url",
      resolutions: hd,
      seconds: { oneOf: [5, 10, 15] },
      ratios: [],
      firstFrame: true,
      needs: ["first_frame"],
      silence: true,
      negativePrompt: true,
    },
  ],
  [
    /^wan2\.6-r2v/,
    {
      form: "reference_urls",
      resolutions: hd,
      seconds: { oneOf: [5, 10] },
      ratios,
      bySize: true,
      references: 5,
      video: "reference_video",
      needs: ["reference_images", "video"],
      negativePrompt: true,
    },
  ],
  [
    /^wan2\.5-t2v/,
    {
      form: "words",
      resolutions: ["480p", ...hd],
      seconds: { oneOf: [5, 10] },
      ratios: ["16:9", "9:16", "1:1"],
      bySize: true,
      negativePrompt: true,
    },
  ],
];

/** What is not known is asked as the newest is. */
const newest: VideoFamily = {
  form: "media",
  resolutions: ["480p", ...hd],
  seconds: twoToFifteen,
  ratios: ["auto", ...ratios, "21:9"],
  firstFrame: true,
  lastFrame: true,
  references: 10,
  video: "reference_video",
  silence: true,
};

export function videoFamily(nativeId: string): VideoFamily {
  return families.find(([model]) => model.test(nativeId))?.[1] ?? newest;
}

/** The pixels of each resolution and ratio, where a model is asked in pixels. */
const pixels: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "480p": { "16:9": "832*480", "9:16": "480*832", "1:1": "624*624" },
  "720p": { "16:9": "1280*720", "9:16": "720*1280", "1:1": "960*960", "4:3": "1088*832", "3:4": "832*1088" },
  "1080p": { "16:9": "1920*1080", "9:16": "1080*1920", "1:1": "1440*1440", "4:3": "1632*1248", "3:4": "1248*1632" },
};

export function pixelsOf(resolution: string, ratio: string): string | undefined {
  return pixels[resolution]?.[ratio];
}
