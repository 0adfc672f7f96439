import { pixelList } from "./pixel-ratio.ts";

/** What a model draws, by its name at Runway. */
export interface ImageModel {
  /** Ratios in pixels by size, the size first that is drawn where nobody asks. */
  readonly sizes: Readonly<Record<string, readonly string[]>>;
  /** The word for a shape that the model chooses, by size. */
  readonly auto?: Readonly<Record<string, string>>;
  readonly referencesMax: number;
  readonly needsReference?: true;
  /** How many at once; absent: one. */
  readonly counts?: readonly number[];
  /** The one first that is drawn where nobody asks. */
  readonly qualities?: readonly string[];
  readonly formats?: readonly string[];
  readonly backgrounds?: readonly string[];
  readonly seed?: true;
  readonly promptCharactersMax?: number;
}

const gen4 = {
  "1K": pixelList("1280:720 720:1280 720:720 960:720 720:960 1680:720"),
  "2K": pixelList("1920:1080 1080:1920 1080:1080 1440:1080 1080:1440 2112:912 1024:1024 1168:880 1360:768 1808:768"),
};
const gemini = "1024:1024 832:1248 1248:832 864:1184 1184:864 896:1152 1152:896 768:1344 1344:768 1536:672";
const gemini2K = "2048:2048 1696:2528 2528:1696 1792:2400 2400:1792 1856:2304 2304:1856 1536:2752 2752:1536 3168:1344";
const gemini4K = "4096:4096 3392:5056 5056:3392 3584:4800 4800:3584 3712:4608 4608:3712 3072:5504 5504:3072 6336:2688";
const upToTen = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const upToFour = [1, 2, 3, 4];

export const imageModels: Readonly<Record<string, ImageModel>> = {
  gen4_image: { sizes: gen4, referencesMax: 3, seed: true, promptCharactersMax: 1_000 },
  gen4_image_turbo: { sizes: gen4, referencesMax: 3, needsReference: true, seed: true, promptCharactersMax: 1_000 },
  gpt_image_2: {
    sizes: {
      "1K": pixelList(
        "2048:880 1920:1088 1920:1280 1920:1440 1920:1536 1920:1920 1536:1920 1440:1920 1280:1920 1088:1920",
      ),
      "2K": pixelList(
        "2912:1248 2560:1440 2560:1712 2560:1920 2560:2048 2560:2560 2048:2560 1920:2560 1712:2560 1440:2560",
      ),
      "4K": pixelList(
        "3840:1648 3840:2160 3504:2336 3264:2448 3200:2560 2880:2880 2560:3200 2448:3264 2336:3504 2160:3840",
      ),
    },
    auto: { "1K": "auto" },
    referencesMax: 16,
    counts: upToTen,
    // Left to itself it draws at its highest.
    qualities: ["medium", "low", "high"],
    backgrounds: ["transparent", "opaque"],
    promptCharactersMax: 32_000,
  },
  "gemini_image3.1_flash": {
    sizes: {
      "1K": pixelList(`${gemini} 512:2048 2048:512 352:2816 2816:352`),
      "512": pixelList(
        "512:512 416:624 624:416 432:592 592:432 448:576 576:448 384:672 672:384 768:336 256:1024 1024:256 176:1408 1408:176",
      ),
      "2K": pixelList(`${gemini2K} 1024:4096 4096:1024 704:5632 5632:704`),
      "4K": pixelList(`${gemini4K} 2048:8192 8192:2048 1408:11264 11264:1408`),
    },
    referencesMax: 14,
    counts: [1, 4],
  },
  gemini_image3_pro: {
    sizes: { "1K": pixelList(gemini), "2K": pixelList(gemini2K), "4K": pixelList(gemini4K) },
    referencesMax: 14,
    counts: [1, 4],
  },
  "gemini_2.5_flash": { sizes: { "1K": pixelList(gemini) }, referencesMax: 3 },
  muse_image: {
    sizes: { "2K": pixelList("1600:1600 2352:1008 2016:1152 1920:1280 1792:1344 1344:1792 1280:1920 1152:2016") },
    auto: { "2K": "auto" },
    referencesMax: 4,
    counts: upToFour,
    formats: ["webp", "png", "jpeg"],
  },
  seedream5_pro: {
    sizes: {
      "1K": pixelList("1024:1024 1184:896 896:1184 1376:768 768:1376 1296:864 864:1296"),
      "2K": pixelList("2048:2048 2304:1728 1728:2304 2720:1530 1530:2720 2496:1664 1664:2496"),
    },
    auto: { "1K": "auto_1k", "2K": "auto_2k" },
    referencesMax: 10,
    counts: upToFour,
    formats: ["png", "jpeg"],
    promptCharactersMax: 4_000,
  },
  seedream5_lite: {
    sizes: {
      "2K": pixelList("2048:2048 2304:1728 1728:2304 2848:1600 1600:2848 2496:1664 1664:2496 3136:1344"),
      // Has no name that callers could ask by: only as pixels.
      "3K": pixelList("3072:3072 3456:2592 2592:3456 4096:2304 2304:4096 3744:2496 2496:3744 4704:2016"),
    },
    referencesMax: 14,
    counts: upToFour,
    formats: ["png", "jpeg"],
    promptCharactersMax: 4_000,
  },
  grok_imagine_image_2: {
    sizes: {
      "1K": pixelList(
        "1024:1024 1280:720 720:1280 1152:864 864:1152 1248:832 832:1248 1248:576 576:1248 1280:576 576:1280 1408:704 704:1408",
      ),
      "2K": pixelList(
        "2048:2048 2816:1584 1584:2816 2368:1776 1776:2368 2496:1664 1664:2496 2912:1344 1344:2912 3200:1440 1440:3200 2912:1456 1456:2912",
      ),
    },
    auto: { "1K": "auto_1k", "2K": "auto_2k" },
    referencesMax: 3,
    counts: upToFour,
    qualities: ["low", "medium"],
  },
};
