import { describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { costOf } from "../../src/catalog/cost.ts";
import type { Asked } from "../../src/catalog/media-cost.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { parseUsd } from "../../src/core/money.ts";
import type { Usage } from "../../src/core/usage.ts";

const catalog = openCatalog(await shippedRows());

/** Worked examples, each from the model's listed price. */
const examples: readonly (readonly [string, string, Usage, Asked, string])[] = [
  ["images at a flat price", "recraft/recraftv3", { images: 3 }, {}, ""],
  ["an image by its size", "alibaba/qwen-image-3.0-pro", {}, { images: 2, size: "2K" }, "0.214"],
  [
    "an image by tokens, image output at its own rate",
    "openai/chatgpt-image-latest",
    { inputTokens: 100, outputTokens: 1_000, imageOutputTokens: 1_000 },
    {},
    "0.0325",
  ],
  ["seconds of video", "openai/sora-2", {}, { seconds: 8 }, "0.8"],
  ["seconds of video at a resolution", "openai/sora-2-pro", {}, { seconds: 4, resolution: "1024p" }, "2"],
  ["seconds of video with sound", "pixverse/c1", {}, { seconds: 5, resolution: "1080p", withAudio: true }, "1.2"],
  ["seconds of silent video", "bytedance/seedance-1-5-pro-251215", {}, { seconds: 10, withAudio: false }, "0.26"],
  [
    "seconds of silent video at a resolution",
    "bytedance/seedance-1-5-pro-251215",
    {},
    { seconds: 10, withAudio: false, resolution: "1080p" },
    "0.59",
  ],
  [
    "seconds of video with the sound it has by itself",
    "bytedance/seedance-1-5-pro-251215",
    {},
    { seconds: 10, resolution: "1080p" },
    "1.18",
  ],
  ["seconds of video at the dearest of its tiers", "runway/grok_imagine_1_5", {}, { seconds: 10 }, "2.9"],
  ["an image at the dearest of a range", "runway/grok_imagine_image_2", {}, { images: 2 }, "0.16"],
  ["a clip at its own price", "minimax/MiniMax-Hailuo-02", {}, { seconds: 6, resolution: "1080P" }, "0.49"],
  [
    "a clip that is not in the table, as the dearest",
    "minimax/MiniMax-Hailuo-02",
    {},
    { seconds: 7, resolution: "768P" },
    "0.56",
  ],
  [
    "video with the reference images that are paid for, from the sixth on",
    "minimax/MiniMax-H3",
    {},
    { seconds: 5, resolution: "768P", referenceImages: 7 },
    "0.48",
  ],
  ["video with five", "minimax/MiniMax-H3", {}, { seconds: 5, resolution: "768P", referenceImages: 5 }, "0.4"],
  [
    "a recording with its speakers told apart",
    "assemblyai/universal-2",
    { seconds: 3_600 },
    { addOns: ["diarize"] },
    "0.17",
  ],
  ["a clip with sound", "pixverse/v5.6", {}, { seconds: 8, resolution: "1080p", withAudio: true }, "1.95"],
  ["a clip of eight seconds", "pixverse/v5", {}, { seconds: 8, resolution: "1080p" }, "2.4"],
  ["characters of speech", "openai/tts-1", { characters: 1_234 }, {}, "0.01851"],
  ["minutes of a recording", "workers-ai/@cf/deepgram/nova-3", { seconds: 90 }, {}, "0.0078"],
  ["seconds of a recording", "alibaba/qwen3-asr-flash", { seconds: 60 }, {}, "0.0021"],
  ["hours of a recording", "groq/whisper-large-v3-turbo", { seconds: 1_800 }, {}, "0.02"],
  ["a track of music", "minimax/music-3.0", {}, {}, "0.15"],
  [
    "an image by tiles and steps",
    "workers-ai/@cf/black-forest-labs/flux-1-schnell",
    {},
    { images: 1, size: "1024x1024" },
    "0.0006336",
  ],
  ["what the provider itself says", "runway/gen4_turbo", { providerCostNanoUsd: 250_000_000n }, { seconds: 5 }, "0.25"],
];

describe("the cost of media", () => {
  it.each(examples.filter(([, , , , dollars]) => dollars !== ""))("%s (%s)", (_what, id, usage, asked, dollars) => {
    const card = catalog.find(id);
    expect(card, id).toBeDefined();
    if (card) expect(costOf(card, usage, asked)).toBe(parseUsd(dollars));
  });

  it("is unknown, never free, where the table has no unit for what was used", () => {
    const speech = catalog.resolve("openai/tts-1");
    expect(costOf(speech, {}, {})).toBeUndefined();
    expect(costOf({ ...speech, price: null }, { characters: 10 })).toBeUndefined();
  });

  it("can be counted for every model that lists a price, from what a call asks for", () => {
    const asked: Asked = { images: 1, seconds: 5, characters: 100, size: "1024x1024", resolution: "720p" };
    const uncounted = catalog
      .search({})
      .filter((card) => card.price !== null && card.task !== "classification")
      .filter(
        (card) =>
          costOf(card, { inputTokens: 10, outputTokens: 10 }, asked) === undefined &&
          costOf(card, {}, asked) === undefined,
      );
    expect(uncounted.map((card) => card.id)).toEqual([]);
  });
});
