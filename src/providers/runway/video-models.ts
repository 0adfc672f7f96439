import type { ParamRule } from "../param-rules.ts";
import { pixelList } from "./pixel-ratio.ts";

/** How one of Runway's routes is asked for a shape: in pixels, by resolution; or in words, beside a resolution. */
export interface VideoRoute {
  readonly pixels?: Readonly<Record<string, readonly string[]>>;
  readonly ratios?: readonly string[];
  readonly resolutions?: readonly string[];
  /** The word for a shape that the model chooses, by resolution. */
  readonly auto?: Readonly<Record<string, string>>;
  /** The word for the shape of what it is made from; absent: so it is where nothing is said. */
  readonly adaptive?: string;
  /** Whether it goes without words. */
  readonly wordless?: true;
  /** Images of who or what is to be seen. */
  readonly referencesMax?: number;
  /** Whether the length is that of the video it is made from. */
  readonly ownLength?: true;
}

/** What a model films, by its name at Runway: from words, from an image, from a video. */
export interface VideoModel {
  readonly text?: VideoRoute;
  readonly image?: VideoRoute & { readonly lastFrame?: true };
  readonly video?: VideoRoute & { readonly field: "promptVideo" | "videoUri" };
  readonly seconds: ParamRule;
  readonly secondsDefault: number;
  readonly resolutionDefault: string;
  readonly promptCharactersMax?: number;
  readonly audio?: true;
  readonly negativePrompt?: true;
  readonly seed?: true;
}

const whole = (from: number, to: number): ParamRule => ({ from, to, whole: true });
const adaptive = "adaptive";
const sixRatios = ["21:9", "16:9", "4:3", "1:1", "3:4", "9:16"];
const wide = { "720p": pixelList("1280:720 720:1280") };
const gen4 = { "720p": pixelList("1280:720 720:1280 1104:832 960:960 832:1104 1584:672") };
const veo = { ...wide, "1080p": pixelList("1920:1080 1080:1920") };
const seedanceHd = pixelList("1470:630 1280:720 1112:834 960:960 834:1112 720:1280");
const seedanceSd = {
  "720p": seedanceHd,
  "480p": pixelList("992:432 864:496 752:560 640:640 560:752 496:864"),
};
const seedance2 = {
  ...seedanceSd,
  "1080p": pixelList("2206:946 1920:1080 1664:1248 1440:1440 1248:1664 1080:1920"),
  "4k": pixelList("3840:1646 3840:2160 3840:2880 3840:3840 2880:3840 2160:3840"),
};
// Of its largest no price is known.
const seedance25 = {
  "720p": seedanceHd,
  "480p": pixelList("992:432 854:480 752:560 640:640 560:752 480:854"),
};
const omni = { ...veo, "360p": pixelList("640:360 360:640"), "4k": pixelList("3840:2160 2160:3840") };
const wanPixels = {
  "720p": pixelList("1280:720 1104:832 960:960 832:1104 720:1280"),
  "480p": pixelList("832:480 720:544 624:624 544:720 480:832"),
  "1080p": pixelList("1920:1080 1648:1248 1440:1440 1248:1648 1080:1920"),
};
const wanAuto = { "480p": "auto_480p", "720p": "auto_720p", "1080p": "auto_1080p" };

const hd = { resolutionDefault: "720p", secondsDefault: 5 };

function seedance(pixels: Readonly<Record<string, readonly string[]>>, secondsMax: number, words: number): VideoModel {
  return {
    ...hd,
    text: { pixels, referencesMax: secondsMax === 15 ? 9 : 10 },
    image: { pixels, wordless: true, lastFrame: true },
    video: { pixels, wordless: true, field: "promptVideo", referencesMax: secondsMax === 15 ? 9 : 10 },
    seconds: whole(4, secondsMax),
    promptCharactersMax: words,
    audio: true,
    seed: true,
  };
}

const veo31: VideoModel = {
  ...hd,
  text: { pixels: veo },
  image: { pixels: veo, wordless: true, lastFrame: true },
  seconds: { oneOf: [4, 6, 8] },
  secondsDefault: 4,
  promptCharactersMax: 1_000,
  audio: true,
  negativePrompt: true,
  seed: true,
};

const wan3: VideoModel = {
  ...hd,
  text: { pixels: wanPixels, auto: wanAuto, referencesMax: 10 },
  image: { pixels: wanPixels, auto: wanAuto },
  seconds: whole(2, 15),
  audio: true,
};

export const videoModels: Readonly<Record<string, VideoModel>> = {
  "gen4.5": {
    ...hd,
    text: { pixels: wide },
    image: { pixels: gen4 },
    seconds: whole(2, 10),
    promptCharactersMax: 1_000,
    seed: true,
  },
  gen4_turbo: {
    ...hd,
    image: { pixels: gen4, wordless: true },
    seconds: whole(2, 10),
    promptCharactersMax: 1_000,
    seed: true,
  },
  "veo3.1": veo31,
  "veo3.1_fast": veo31,
  hailuo3: {
    text: { ratios: sixRatios, resolutions: ["768p", "2k"], adaptive, referencesMax: 9 },
    image: { ratios: sixRatios, resolutions: ["768p", "2k"], adaptive, lastFrame: true },
    video: { ratios: sixRatios, resolutions: ["768p", "2k"], adaptive, field: "promptVideo", referencesMax: 9 },
    seconds: whole(5, 15),
    secondsDefault: 5,
    resolutionDefault: "768p",
    promptCharactersMax: 6_000,
  },
  happyhorse_1_0: {
    ...hd,
    text: {
      pixels: {
        "720p": pixelList("1280:720 720:1280 960:960 1108:832 832:1108"),
        "1080p": pixelList("1920:1080 1080:1920 1440:1440 1662:1248 1248:1662"),
      },
    },
    image: { resolutions: ["720p", "1080p"], wordless: true },
    seconds: whole(3, 15),
    promptCharactersMax: 2_500,
  },
  seedance2: seedance(seedance2, 15, 3_500),
  seedance2_fast: seedance(seedanceSd, 15, 3_500),
  seedance2_mini: seedance(seedanceSd, 15, 3_500),
  seedance2_5: seedance(seedance25, 30, 15_000),
  gemini_omni_flash: {
    ...hd,
    text: { pixels: wide },
    image: { pixels: wide, wordless: true },
    video: { field: "videoUri", referencesMax: 3, ownLength: true },
    seconds: whole(3, 10),
    promptCharactersMax: 4_000,
  },
  "gemini_omni_flash_1.1": {
    ...hd,
    text: { pixels: omni, referencesMax: 3 },
    image: { pixels: omni, lastFrame: true },
    video: { pixels: omni, field: "videoUri", referencesMax: 3 },
    seconds: whole(3, 10),
    promptCharactersMax: 4_000,
  },
  grok_imagine_1_5: {
    ...hd,
    text: {
      ratios: ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"],
      resolutions: ["480p", "720p", "1080p"],
      referencesMax: 7,
    },
    image: { resolutions: ["480p", "720p", "1080p"], wordless: true },
    seconds: whole(1, 15),
  },
  wan3,
  wan3_prime: wan3,
  h3_max: {
    text: { resolutions: ["768p", "480p"] },
    image: { resolutions: ["768p", "480p"], lastFrame: true },
    seconds: whole(4, 15),
    secondsDefault: 5,
    resolutionDefault: "768p",
    seed: true,
  },
  aleph2: {
    ...hd,
    video: { field: "videoUri", wordless: true, ownLength: true },
    seconds: { refused: "the video that is edited says it already" },
    // What is read is what is made, and nobody has said how long it is.
    secondsDefault: 30,
    seed: true,
  },
};
