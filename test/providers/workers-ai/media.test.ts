import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import type { ImageRequest } from "../../../src/providers/shapes/image.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import { workersAi } from "../../../src/providers/workers-ai/index.ts";
import { bodyOf, formOf, jpeg, json, png, raw, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";

test("every Workers AI model for media is answered for", () => {
  expect(unansweredModels(workersAi)).toEqual([]);
});

const envelope = (result: unknown) => json({ result, success: true, errors: [], messages: [] });
const failing = (code: number) =>
  json({ result: null, success: false, errors: [{ code, message: "no" }], messages: [] });
const still = { data: png.toString("base64") };

describe("Workers AI images", () => {
  const schnell = shipped("workers-ai/@cf/black-forest-labs/flux-1-schnell");
  const flux2 = shipped("workers-ai/@cf/black-forest-labs/flux-2-klein-4b");
  const lucid = shipped("workers-ai/@cf/leonardo/lucid-origin");
  const diffusion = card("workers-ai/@cf/stabilityai/stable-diffusion-xl-base-1.0", { task: "image" });
  const image = unary(workersAi.image, schnell);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("FLUX.1 says its steps, which are paid for", () => {
    const request = image.request(draw({ seed: 7, size: "1K" }), schnell, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/run/@cf/black-forest-labs/flux-1-schnell`);
    expect(bodyOf(request)).toEqual({ prompt: "a red kite", seed: 7, steps: 4 });
    const options = { ...draw(), provider_options: { steps: 8 } };
    expect(() => image.request(options, schnell, credentials)).toThrow("provider_options.workers-ai.steps");
  });

  test("FLUX.2 takes a form, images in fields of their own", async () => {
    const request = image.request(draw({ aspect_ratio: "16:9", images: [still, still], seed: 1 }), flux2, credentials);
    expect(await formOf(request)).toEqual([
      ["prompt", "a red kite"],
      ["width", "1376"],
      ["height", "768"],
      ["seed", "1"],
      ["input_image_0", `image.png image/png ${png}`],
      ["input_image_1", `image.png image/png ${png}`],
    ]);
  });

  test("the others take JSON, an image to begin with as base64", () => {
    expect(bodyOf(image.request(draw({ size: "1024x768" }), lucid, credentials))).toEqual({
      prompt: "a red kite",
      width: 1024,
      height: 768,
    });
    expect(bodyOf(image.request(draw({ images: [still], negative_prompt: "fog" }), diffusion, credentials))).toEqual({
      prompt: "a red kite",
      negative_prompt: "fog",
      image_b64: still.data,
    });
  });

  test.each([
    [schnell, { size: "512x512" }, "params.size"],
    [schnell, { aspect_ratio: "16:9" }, "params.aspect_ratio"],
    [schnell, { images: [still] }, "params.images"],
    [lucid, { negative_prompt: "fog" }, "params.negative_prompt"],
    [lucid, { size: "1001x1024" }, "params.size"],
    [lucid, { size: "4K" }, "params.size"],
    [lucid, { aspect_ratio: "100:1" }, "params.aspect_ratio"],
    [lucid, { aspect_ratio: "1:1", size: "512x512" }, "params.aspect_ratio"],
    [flux2, { images: Array.from({ length: 5 }, () => still) }, "params.images"],
    [flux2, { images: [{ url: "https://a.test/b.png" }] }, "params.images[0]"],
    [flux2, { quality: "low" }, "params.quality"],
  ] as const)("%o refuses %j", (model, params, field) => {
    expect(image.check(draw(params as ImageRequest["params"]), model)).toMatchObject([{ field }]);
  });

  test("several are an exchange each, each with a seed of its own", () => {
    const parts = image.split?.(draw({ n: 3, seed: 7 }), schnell) ?? [];
    expect(parts.map(({ params }) => params)).toEqual([{ seed: 7 }, { seed: 8 }, { seed: 9 }]);
    expect(image.split?.(draw(), schnell)).toEqual([draw()]);
  });

  test.each([
    ["JSON", envelope({ image: jpeg.toString("base64") })],
    ["bytes", raw(jpeg, "image/jpeg")],
  ])("is read from %s, and charged by tile and step", (_name, answer) => {
    const decoded = image.decode(answer, draw(), schnell);
    expect(decoded).toMatchObject({
      result: { images: [{ mediaType: "image/jpeg", source: { kind: "bytes", bytes: jpeg } }] },
      usage: { images: 1 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // 4 tiles × $0.0000528 + 4 steps × $0.0001056.
    expect(costOf(schnell, decoded.usage)).toBe(633_600n);
  });

  test.each([
    [failing(3040), "overloaded"],
    [failing(5007), "not_found"],
    [envelope({}), "malformed"],
    [raw("<html>", "text/html"), "malformed"],
    [raw("", "image/png"), "malformed"],
  ])("an answer without an image is a failure", (answer, kind) => {
    expect(image.decode(answer, draw(), schnell)).toMatchObject({ failure: { kind } });
  });
});

describe("Workers AI speech", () => {
  const aura = shipped("workers-ai/@cf/deepgram/aura-1");
  const spanish = shipped("workers-ai/@cf/deepgram/aura-2-es");
  const melo = shipped("workers-ai/@cf/myshell-ai/melotts");
  const speech = unary(workersAi.speech, aura);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Hello", params });

  test.each<[SpeechRequest["params"], object]>([
    [{}, {}],
    [
      { voice: "luna", format: "opus" },
      { speaker: "luna", encoding: "opus" },
    ],
    [{ format: "wav" }, { encoding: "linear16", container: "wav", sample_rate: 24_000 }],
    [
      { format: "pcm", sample_rate: 16_000 },
      { encoding: "linear16", container: "none", sample_rate: 16_000 },
    ],
    [{ format: "mulaw" }, { encoding: "mulaw", container: "none", sample_rate: 8_000 }],
    [{ format: "ogg" }, { encoding: "opus", container: "ogg" }],
  ])("Aura is asked for %j", (params, body) => {
    expect(bodyOf(speech.request(say(params), aura, credentials))).toEqual({ text: "Hello", ...body });
  });

  test("MeloTTS has words of its own", () => {
    expect(bodyOf(speech.request(say({ language: "fr-FR" }), melo, credentials))).toEqual({
      prompt: "Hello",
      lang: "fr",
    });
  });

  test.each([
    [aura, { language: "es" }, "params.language"],
    [spanish, { language: "en" }, "params.language"],
    [aura, { speed: 2 }, "params.speed"],
    [melo, { voice: "luna" }, "params.voice"],
    [melo, { format: "wav" }, "params.format"],
  ] as const)("%o refuses %j", (model, params, field) => {
    expect(speech.check(say(params), model)).toMatchObject([{ field, droppable: true }]);
    expect(speech.check(say({ language: "es-MX" }), spanish)).toEqual([]);
  });

  test("Aura's bytes are charged by the character", () => {
    const decoded = speech.decode(raw("ID3", "audio/mpeg"), say(), aura);
    expect(decoded).toMatchObject({ result: { audio: { mediaType: "audio/mpeg" } }, usage: { characters: 5 } });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(aura, decoded.usage)).toBe(75_000n);
    expect(speech.decode(raw("x", "audio/mulaw"), say({ format: "mulaw" }), aura)).toMatchObject({
      result: { audio: { mediaType: "audio/mulaw;rate=8000" } },
    });
  });

  test("MeloTTS's sound is measured, since it is charged by the minute", () => {
    const decoded = speech.decode(envelope({ audio: wav(3).toString("base64") }), say(), melo);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/wav", durationS: 3 } },
      usage: { seconds: 3 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // $0.0002 a minute.
    expect(costOf(melo, decoded.usage)).toBe(10_000n);
  });

  test.each([
    [failing(3036), "quota_exhausted"],
    [envelope({}), "malformed"],
    [raw("<html>", "text/html"), "malformed"],
  ])("an answer without sound is a failure", (answer, kind) => {
    expect(speech.decode(answer, say(), aura)).toMatchObject({ failure: { kind } });
  });
});

describe("Workers AI transcription", () => {
  const turbo = shipped("workers-ai/@cf/openai/whisper-large-v3-turbo");
  const whisper = shipped("workers-ai/@cf/openai/whisper");
  const nova = shipped("workers-ai/@cf/deepgram/nova-3");
  const transcription = unary(workersAi.transcription, turbo);
  const recording = wav(6);
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data: recording.toString("base64") }, ...params },
  });

  test("turbo takes base64 in JSON", () => {
    const request = transcription.request(hear({ language: "pt-BR", hints: ["Oslo", "fjord"] }), turbo, credentials);
    expect(bodyOf(request)).toEqual({
      audio: recording.toString("base64"),
      task: "transcribe",
      language: "pt",
      initial_prompt: "Oslo, fjord",
    });
  });

  test("the older Whisper takes the recording as it is", () => {
    const request = transcription.request(hear(), whisper, credentials);
    expect(request.headers["content-type"]).toBe("audio/wav");
    expect(Buffer.from(request.body as Uint8Array)).toEqual(recording);
    const options = { ...hear(), provider_options: { x: 1 } };
    expect(transcription.check(options, whisper)).toMatchObject([{ field: "provider_options.workers-ai" }]);
  });

  test("Nova has its options in the URL", () => {
    const asked = {
      ...hear({ language: "en", diarize: true, hints: ["Oslo", "a&b"] }),
      provider_options: { punctuate: true },
    };
    const { url, body } = transcription.request(asked, nova, credentials);
    expect([...new URL(url).searchParams]).toEqual([
      ["language", "en"],
      ["diarize", "true"],
      ["smart_format", "true"],
      ["keyterm", "Oslo"],
      ["keyterm", "a&b"],
      ["punctuate", "true"],
    ]);
    expect(url).toMatch(/\/run\/@cf\/deepgram\/nova-3\?/);
    expect(Buffer.from(body as Uint8Array)).toEqual(recording);
  });

  test.each([
    [turbo, { diarize: true }, "params.diarize"],
    [whisper, { language: "en" }, "params.language"],
    [whisper, { timestamps: "segment" }, "params.timestamps"],
    [nova, { timestamps: "segment" }, "params.timestamps"],
    [nova, { audio: { url: "https://a.test/b.wav" } }, "params.audio"],
  ] as const)("%o refuses %j", (model, params, field) => {
    expect(transcription.check(hear(params as object), model)).toMatchObject([{ field }]);
  });

  test("turbo's length and words are read", () => {
    const result = {
      text: " Hello there.",
      word_count: 2,
      segments: [{ start: 0, end: 1, text: " Hello there.", words: [{ word: " Hello", start: 0, end: 0.4 }] }],
      transcription_info: { language: "en", duration: 6 },
    };
    const decoded = transcription.decode(envelope(result), hear({ timestamps: "word" }), turbo);
    expect(decoded).toMatchObject({
      result: {
        text: "Hello there.",
        language: "en",
        duration_s: 6,
        segments: [{ text: "Hello there." }],
        words: [{ text: "Hello", start_s: 0, end_s: 0.4 }],
      },
      usage: { seconds: 6 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // $0.0005 a minute.
    expect(costOf(turbo, decoded.usage)).toBe(50_000n);
  });

  test("where no length is given it is measured, or ends with the last word", () => {
    const result = { text: "Hi", words: [{ word: "Hi", start: 0, end: 1.5 }] };
    expect(transcription.decode(envelope(result), hear(), whisper)).toMatchObject({ usage: { seconds: 6 } });
    const opaque = hear({ audio: { data: "AAAA", media_type: "audio/aac" } });
    expect(transcription.decode(envelope(result), opaque, whisper)).toMatchObject({ usage: { seconds: 1.5 } });
  });

  test("Nova's first alternative counts, with its speakers", () => {
    const words = [{ word: "hi", start: 0, end: 0.3, speaker: 0 }];
    const channel = { alternatives: [{ transcript: "hi", confidence: 0.9, words }], detected_language: "en" };
    const result = { metadata: { duration: 12 }, results: { channels: [channel] } };
    const decoded = transcription.decode(envelope(result), hear({ diarize: true }), nova);
    expect(decoded).toMatchObject({
      result: { text: "hi", language: "en", duration_s: 12, words: [{ speaker: "0" }] },
      usage: { seconds: 12 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // $0.0052 a minute.
    expect(costOf(nova, decoded.usage)).toBe(1_040_000n);
  });

  test.each([
    [failing(3007), "timeout"],
    [envelope({}), "malformed"],
    [raw("<html>", "text/html"), "malformed"],
  ])("an answer without text is a failure", (answer, kind) => {
    for (const model of [turbo, nova]) {
      expect(transcription.decode(answer, hear(), model)).toMatchObject({ failure: { kind } });
    }
  });
});
