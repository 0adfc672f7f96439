import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { readWav } from "../../src/simulator/media/wav.ts";
import { blob, form, mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

describe("xAI's media", () => {
  const images = () =>
    new OpenAI({ apiKey: simulator().apiKey("xai"), baseURL: simulator().baseUrl("xai"), maxRetries: 0 }).images;

  test("images come in base64 or behind a link that runs out", async () => {
    const asked = { model: "grok-imagine-image", prompt: "a kite", ...{ aspect_ratio: "16:9" } };
    const inline = await images().generate({ ...asked, response_format: "b64_json" });
    expect(readImage(Buffer.from(inline.data?.[0]?.b64_json ?? "", "base64"))).toMatchObject({ format: "jpeg" });
    const linked = await images().generate(asked);
    const url = linked.data?.[0]?.url;
    expect(await fetchLink(url)).toMatchObject({ status: 200, type: "image/jpeg" });
    simulator().files.expire();
    expect((await fetchLink(url)).status).toBe(403);
    expect(await billed("xai")).toMatchObject({ images: 2, providerCostNanoUsd: 40_000_000n });
  });

  test("edits are JSON, and what is moderated has no image", async () => {
    const edit = (body: object) =>
      post("xai", "/images/edits", { model: "grok-imagine-image", prompt: "night", ...body });
    expect((await edit({ image: { url: "https://a.test/b.png", type: "image_url" } })).status).toBe(200);
    expect((await edit({})).status).toBe(400);
    const moderated = await post("xai", "/images/generations", { model: "grok-imagine-image", prompt: "refuse" });
    expect(moderated.json).toMatchObject({ data: [{ respect_moderation: false }] });
    expect(
      (await post("xai", "/images/generations", { model: "grok-imagine-image", prompt: "x", size: "1024x1024" }))
        .status,
    ).toBe(422);
  });

  test("a film is pending with 202 until it is done", async () => {
    const started = await post("xai", "/videos/generations", {
      model: "grok-imagine-video",
      prompt: "a fox",
      duration: 3,
      aspect_ratio: "9:16",
      resolution: "720p",
    });
    const polls = await pollUntil(
      () => get("xai", `/videos/${at(started.json, "request_id")}`),
      ({ status }) => status === 200,
    );
    expect(polls.map(({ status }) => status)).toEqual([202, 202, 200]);
    expect(polls[0]?.bytes).toHaveLength(0);
    const film = await fetchLink(at(polls.at(-1)?.json, "video.url"));
    expect(readMp4(film.bytes)).toEqual({ width: 720, height: 1_280, seconds: 3 });
    expect(at(polls.at(-1)?.json, "usage.cost_in_usd_ticks")).toBe(
      Number((await billed("xai")).providerCostNanoUsd ?? 0n) * 10,
    );
  });

  test("a film that fails or is moderated says so, and is not billed", async () => {
    for (const [prompt, expected] of [
      ["fail this job", { status: "failed" }],
      ["refuse", { video: { respect_moderation: false } }],
    ] as const) {
      const started = await post("xai", "/videos/generations", { model: "grok-imagine-video", prompt });
      const polls = await pollUntil(
        () => get("xai", `/videos/${at(started.json, "request_id")}`),
        ({ status }) => status === 200,
      );
      expect(polls.at(-1)?.json).toMatchObject(expected);
    }
    expect((await billed("xai")).seconds).toBeUndefined();
    expect(
      (await post("xai", "/videos/generations", { model: "grok-imagine-video", prompt: "x", resolution: "1080p" }))
        .status,
    ).toBe(400);
    expect(
      (await post("xai", "/videos/generations", { model: "grok-imagine-video", prompt: "x", duration: 16 })).status,
    ).toBe(422);
  });

  test("speech, with times when asked for; and what is said is written down", async () => {
    const asked = {
      text: "Hello xAI",
      voice_id: "Eve",
      language: "en",
      output_format: { codec: "wav", sample_rate: 16_000 },
    };
    const spoken = await post("xai", "/tts", asked);
    expect(readWav(spoken.bytes)).toMatchObject({ sampleRate: 16_000, spoken: "Hello xAI" });
    const timed = await post("xai", "/tts", { ...asked, with_timestamps: true });
    expect(timed.json).toMatchObject({
      content_type: "audio/wav",
      audio_timestamps: [{ text: "Hello" }, { text: "xAI" }],
    });
    const heard = await post(
      "xai",
      "/stt",
      form({ language: "en", format: "true", diarize: "true", file: blob(spoken.bytes) }),
    );
    expect(heard.json).toMatchObject({
      text: "Hello xAI",
      duration: 1,
      words: [{ text: "Hello", speaker: 0 }, { text: "xAI" }],
    });
  });

  test("the file has to be the last part of the form", async () => {
    const made = await post("xai", "/stt", form({ file: blob(), language: "en" }));
    expect(made).toMatchObject({ status: 400, json: { error: expect.stringContaining("last field") } });
    expect((await post("xai", "/tts", { text: "x", voice_id: "no body", language: "en" })).json).toMatchObject({
      error: expect.any(String),
    });
  });
});
