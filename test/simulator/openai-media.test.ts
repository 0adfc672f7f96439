import OpenAI, { toFile } from "openai";
import { describe, expect, test } from "vitest";
import { hearAudio, makeAudio } from "../../src/simulator/media/audio.ts";
import { makeImage, readImage } from "../../src/simulator/media/image.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function client(): OpenAI {
  return new OpenAI({ baseURL: simulator().baseUrl("openai"), apiKey: simulator().apiKey("openai"), maxRetries: 0 });
}

describe("images through the openai SDK", () => {
  test("are made in the size and format asked for, and billed by token", async () => {
    const made = await client().images.generate({
      model: "gpt-image-2",
      prompt: "a red kite",
      size: "1536x1024",
      quality: "low",
      output_format: "webp",
      n: 2,
    });
    const images = (made.data ?? []).map(({ b64_json }) => readImage(Buffer.from(b64_json ?? "", "base64")));
    expect(images).toMatchObject([
      { format: "webp", width: 1_536, height: 1_024 },
      { format: "webp", width: 1_536, height: 1_024 },
    ]);
    await simulator().book.idle();
    expect(simulator().book.totals("openai").billed).toMatchObject({
      images: 2,
      outputTokens: made.usage?.output_tokens,
    });
  });

  test("are streamed with partial images", async () => {
    const stream = await client().images.generate({
      model: "gpt-image-2.5-flare",
      prompt: "a kite",
      stream: true,
      partial_images: 2,
    });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual([
      "image_generation.partial_image",
      "image_generation.partial_image",
      "image_generation.completed",
    ]);
  });

  test("are edited from several files with a mask", async () => {
    const image = await toFile(makeImage("png", 64, 64, "x"), "a.png", { type: "image/png" });
    const mask = await toFile(makeImage("png", 64, 64, "m", true), "m.png", { type: "image/png" });
    const made = await client().images.edit({
      model: "gpt-image-2",
      prompt: "make it night",
      image: [image, image],
      mask,
    });
    expect(made.data).toHaveLength(1);
    const odd = await toFile(makeImage("png", 32, 64, "m", true), "m.png", { type: "image/png" });
    await expect(client().images.edit({ model: "gpt-image-2", prompt: "x", image, mask: odd })).rejects.toMatchObject({
      code: "invalid_mask_image_size",
    });
    await expect(
      client().images.edit({ model: "gpt-image-2", prompt: "x", image: await toFile(Buffer.from("no"), "a.png") }),
    ).rejects.toMatchObject({ code: "invalid_image_file" });
    await expect(
      client().images.edit({ model: "gpt-image-2", prompt: "x", image, input_fidelity: "high" }),
    ).rejects.toMatchObject({ param: "input_fidelity" });
  });

  test.each<[string, object, object]>([
    ["a model that has ended", { model: "dall-e-3" }, { status: 404, code: "model_not_found" }],
    ["response_format, which is gone", { response_format: "b64_json" }, { status: 400, code: "unknown_parameter" }],
    ["eleven images", { n: 11 }, { status: 400, param: "n" }],
    ["a quality of a later model", { quality: "max" }, { status: 400, param: "quality" }],
    ["a free size on an older model", { model: "gpt-image-1.5", size: "1280x720" }, { status: 400, param: "size" }],
    ["a size that is no multiple of 16", { size: "1000x1000" }, { status: 400, param: "size" }],
    ["a transparent JPEG", { background: "transparent", output_format: "jpeg" }, { status: 400, param: "background" }],
    ["partial images without a stream", { partial_images: 1 }, { status: 400, param: "partial_images" }],
    ["what is not safe", { prompt: "refuse" }, { status: 400, code: "moderation_blocked" }],
  ])("refuse %s", async (_what, more, error) => {
    await expect(client().images.generate({ model: "gpt-image-2", prompt: "x", ...more })).rejects.toMatchObject(error);
  });
});

describe("speech through the openai SDK", () => {
  test.each(["mp3", "opus", "flac", "wav"] as const)("is sound in %s", async (response_format) => {
    const response = await client().audio.speech.create({
      model: "gpt-4o-mini-tts",
      voice: "marin",
      input: "Hello from here.",
      response_format,
    });
    expect(response.headers.get("content-type")).toMatch(/^audio\//);
    expect(hearAudio(Buffer.from(await response.arrayBuffer()))?.seconds).toBeGreaterThan(0);
  });

  test("comes as events when asked to", async () => {
    const response = await client().audio.speech.create({
      model: "gpt-4o-mini-tts",
      voice: "marin",
      input: "Hello.",
      stream_format: "sse",
    });
    const events = (await response.text())
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => JSON.parse(event.slice(6)) as { type: string; audio?: string });
    expect(events.at(-1)).toMatchObject({ type: "speech.audio.done", usage: { total_tokens: expect.any(Number) } });
    const audio = Buffer.from(events.map((event) => event.audio ?? "").join(""), "base64");
    expect(hearAudio(audio)?.spoken).toBe("Hello.");
  });

  test.each<[string, object, object]>([
    ["instructions on tts-1", { model: "tts-1", instructions: "x" }, { param: "instructions" }],
    ["events on tts-1", { model: "tts-1", stream_format: "sse" }, { param: "stream_format" }],
    ["an unknown voice", { voice: "kore" }, { param: "voice" }],
    ["4,097 characters", { input: "x".repeat(4_097) }, { param: "input" }],
    ["a speed under a quarter", { speed: 0.2 }, { param: "speed" }],
  ])("refuses %s", async (_what, more, error) => {
    const asked = { model: "gpt-4o-mini-tts", voice: "alloy" as const, input: "x", ...more };
    await expect(client().audio.speech.create(asked)).rejects.toMatchObject({ status: 400, ...error });
  });
});

describe("transcription through the openai SDK", () => {
  const wav = (seconds = 4, text = "Hello there, this is a test of nine words.") =>
    toFile(makeAudio(seconds, text, "wav"), "a.wav");

  test("writes down what is said, with usage in tokens or seconds", async () => {
    const made = await client().audio.transcriptions.create({ model: "gpt-4o-transcribe", file: await wav() });
    expect(made).toMatchObject({
      text: "Hello there, this is a test of nine words.",
      usage: { type: "tokens", input_tokens: 40 },
    });
    const whisper = await client().audio.transcriptions.create({ model: "whisper-1", file: await wav() });
    expect(whisper).toMatchObject({ usage: { type: "duration", seconds: 4 } });
  });

  test("comes with words and segments, as captions, by speaker, and as events", async () => {
    const verbose = await client().audio.transcriptions.create({
      model: "whisper-1",
      file: await wav(),
      response_format: "verbose_json",
      timestamp_granularities: ["word", "segment"],
    });
    expect(verbose.words?.[0]).toMatchObject({ word: "Hello", start: 0 });
    expect(verbose.segments?.length).toBe(2);
    const vtt = await client().audio.transcriptions.create({
      model: "whisper-1",
      file: await wav(),
      response_format: "vtt",
    });
    expect(String(vtt)).toMatch(/^WEBVTT/);
    const diarized = await client().audio.transcriptions.create({
      model: "gpt-4o-transcribe-diarize",
      file: await wav(),
      response_format: "diarized_json",
    });
    expect(diarized).toMatchObject({ segments: [{ speaker: "A" }, { speaker: "B" }] });
    let text = "";
    for await (const event of await client().audio.transcriptions.create({
      model: "gpt-4o-transcribe",
      file: await wav(),
      stream: true,
    })) {
      if (event.type === "transcript.text.delta") text += event.delta;
    }
    expect(text).toBe("Hello there, this is a test of nine words.");
  });

  test("translates with whisper-1 alone", async () => {
    expect((await client().audio.translations.create({ model: "whisper-1", file: await wav() })).text).toContain(
      "Hello",
    );
    await expect(
      client().audio.translations.create({ model: "gpt-4o-transcribe", file: await wav() }),
    ).rejects.toMatchObject({ status: 404 });
  });

  test.each<[string, object, object]>([
    ["captions from a newer model", { response_format: "srt" }, { param: "response_format" }],
    ["words where there are no segments", { timestamp_granularities: ["word"] }, { param: "timestamp_granularities" }],
    ["keywords on an older model", { keywords: ["x"] }, { param: "keywords" }],
    ["a prompt while telling speakers apart", { model: "gpt-4o-transcribe-diarize", prompt: "x" }, { param: "prompt" }],
    ["a language's name", { language: "english" }, { param: "language" }],
  ])("refuses %s", async (_what, more, error) => {
    const asked = { model: "gpt-4o-transcribe", file: await wav(), ...more };
    await expect(client().audio.transcriptions.create(asked)).rejects.toMatchObject({ status: 400, ...error });
  });

  test("refuses a long file without a chunking strategy, and a file that is no sound", async () => {
    const long = { model: "gpt-4o-transcribe-diarize", file: await wav(31) };
    await expect(client().audio.transcriptions.create(long)).rejects.toMatchObject({ param: "chunking_strategy" });
    expect(await client().audio.transcriptions.create({ ...long, chunking_strategy: "auto" })).toHaveProperty("text");
    const text = await toFile(Buffer.from("this is not sound, whatever its name"), "a.wav");
    await expect(client().audio.transcriptions.create({ model: "whisper-1", file: text })).rejects.toMatchObject({
      status: 400,
      param: "file",
    });
  });
});
