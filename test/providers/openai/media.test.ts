import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { openai } from "../../../src/providers/openai/index.ts";
import type { ImageRequest } from "../../../src/providers/shapes/image.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import { bodyOf, formOf, jpeg, json, png, raw, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { card, credentials } from "../support/model.ts";

test("every OpenAI model for media is answered for, save those that ended", () => {
  expect(unansweredModels(openai)).toEqual([]);
});

describe("OpenAI images", () => {
  const model = shipped("openai/gpt-image-2");
  const image = unary(openai.image, model);
  const draw = (params: ImageRequest["params"] = {}, rest: Partial<ImageRequest> = {}): ImageRequest => ({
    prompt: "a red kite over dunes",
    params,
    ...rest,
  });
  const sizeOf = (params: ImageRequest["params"], on = model) =>
    (bodyOf(image.request(draw(params), on, credentials)) as { size?: string }).size;

  test("are asked for in JSON", () => {
    const request = image.request(
      draw(
        { n: 2, size: "1024x1024", quality: "low", format: "png", background: "opaque" },
        { provider_options: { moderation: "low" } },
      ),
      model,
      credentials,
    );
    expect(request).toMatchObject({ method: "POST", url: `${credentials.baseUrl}/images/generations` });
    expect(bodyOf(request)).toEqual({
      model: "gpt-image-2",
      prompt: "a red kite over dunes",
      n: 2,
      size: "1024x1024",
      quality: "low",
      output_format: "png",
      background: "opaque",
      moderation: "low",
    });
  });

  test.each([
    [{}, undefined],
    [{ aspect_ratio: "auto" }, "auto"],
    [{ aspect_ratio: "1:1" }, "1024x1024"],
    [{ aspect_ratio: "16:9" }, "1360x768"],
    [{ aspect_ratio: "3:1" }, "1728x576"],
    [{ aspect_ratio: "1:3" }, "576x1728"],
    [{ aspect_ratio: "16:9", size: "2K" }, "2720x1536"],
    [{ aspect_ratio: "16:9", size: "4K" }, "3840x2160"],
    [{ size: "4K" }, "2160x2160"],
  ])("%j is drawn as %s", (params, size) => {
    expect(sizeOf(params)).toBe(size);
  });

  test("the first generation has three shapes", () => {
    const old = shipped("openai/gpt-image-1.5");
    expect(sizeOf({ aspect_ratio: "3:2" }, old)).toBe("1536x1024");
    expect(sizeOf({ size: "1K" }, old)).toBe("1024x1024");
    expect(image.check(draw({ aspect_ratio: "16:9", size: "2K", quality: "max" }), old)).toMatchObject([
      { field: "params.aspect_ratio", allowed: ["auto", "1:1", "3:2", "2:3"], droppable: true },
      { field: "params.size" },
      { field: "params.quality", allowed: ["low", "medium", "high"] },
    ]);
  });

  test.each<[ImageRequest["params"], string, boolean]>([
    [{ n: 11 }, "params.n", false],
    [{ size: "1000x1024" }, "params.size", true],
    [{ size: "3840x1024" }, "params.size", true],
    [{ size: "2176x2176" }, "params.size", true],
    [{ size: "512" }, "params.size", true],
    [{ aspect_ratio: "4:1" }, "params.aspect_ratio", true],
    [{ aspect_ratio: "1:0" }, "params.aspect_ratio", true],
    [{ aspect_ratio: "1:1", size: "1024x1024" }, "params.aspect_ratio", true],
    [{ format: "svg" }, "params.format", true],
    [{ background: "transparent", format: "jpeg" }, "params.background", true],
    [{ seed: 1 }, "params.seed", true],
    [{ negative_prompt: "fog" }, "params.negative_prompt", true],
    [{ mask: { data: png.toString("base64") } }, "params.mask", false],
    [{ images: [{ url: "https://example.test/a.png" }] }, "params.images[0]", false],
    [{ images: [{ data: "R0lGODlhAQAB" }] }, "params.images[0]", false],
  ])("%j is refused before it costs anything", (params, field, droppable) => {
    expect(image.check(draw(params), model)).toMatchObject([{ field, droppable }]);
    expect(() => image.request(draw(params), model, credentials)).toThrow(field);
  });

  test("an empty prompt and one that is too long are refused", () => {
    for (const prompt of [" ", "x".repeat(32_001)]) {
      expect(image.check({ ...draw(), prompt }, model)).toMatchObject([{ field: "prompt", droppable: false }]);
    }
  });

  test.each(["size", "quality", "n", "model"])("what costs money cannot be set past the budget: %s", (name) => {
    const request = draw({}, { provider_options: { [name]: "high" } });
    expect(() => image.request(request, model, credentials)).toThrow(`provider_options.openai.${name}`);
  });

  test("with images it is an edit, the files in a form", async () => {
    const request = image.request(
      draw(
        {
          images: [{ data: png.toString("base64") }, { url: `data:image/jpeg;base64,${jpeg.toString("base64")}` }],
          mask: { data: png.toString("base64") },
          quality: "max",
        },
        { provider_options: { safety_identifier: "u1" } },
      ),
      shipped("openai/gpt-image-2.5-flare"),
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/images/edits`);
    expect(await formOf(request)).toEqual([
      ["model", "gpt-image-2.5-flare"],
      ["prompt", "a red kite over dunes"],
      ["quality", "max"],
      ["safety_identifier", "u1"],
      ["image[]", `image.png image/png ${png}`],
      ["image[]", `image.jpg image/jpeg ${jpeg}`],
      ["mask", `image.png image/png ${png}`],
    ]);
  });

  const answer = {
    created: 1795250020,
    output_format: "png",
    size: "1024x1536",
    data: [{ b64_json: png.toString("base64") }, { b64_json: 7 }],
    usage: {
      input_tokens: 1_011,
      input_tokens_details: { text_tokens: 11, image_tokens: 1_000 },
      output_tokens: 272,
      total_tokens: 1_283,
    },
    later: { unknown: true },
  };

  test("the answer's images are bytes, and its tokens are charged by kind", () => {
    const decoded = image.decode(json(answer, 200, { "x-request-id": "req_1" }), draw(), model);
    expect(decoded).toEqual({
      result: {
        images: [{ mediaType: "image/png", source: { kind: "bytes", bytes: png }, width: 1024, height: 1536 }],
      },
      usage: {
        images: 1,
        inputTokens: 1_011,
        imageInputTokens: 1_000,
        outputTokens: 272,
        imageOutputTokens: 272,
      },
      requestId: "req_1",
    });
    if ("failure" in decoded) throw new Error("failed");
    // 11 × $5 + 1,000 × $8 + 272 × $30, all per million.
    expect(costOf(model, decoded.usage)).toBe(55_000n + 8_000_000n + 8_160_000n);
  });

  test.each([["<html>"], ["{}"], ['{"data":[{}]}'], ["\ud800"]])("%s is malformed", (body) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject({ failure: { kind: "malformed" } });
  });

  test("a block by the filter is told from a bad request", () => {
    const error = {
      message: "Your request was rejected",
      type: "image_generation_user_error",
      code: "moderation_blocked",
    };
    expect(openai.decodeError(400, {}, JSON.stringify({ error }))).toMatchObject({ kind: "content_refused" });
  });

  test("DALL·E has ended", () => {
    expect(openai.image?.(card("openai/dall-e-3", { task: "image" }))).toBeUndefined();
  });
});

describe("OpenAI speech", () => {
  const mini = shipped("openai/gpt-4o-mini-tts");
  const classic = shipped("openai/tts-1");
  const speech = unary(openai.speech, mini);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Grüße 👋", params });

  test("the newer models answer in events, since only those tell the tokens", () => {
    const request = speech.request(
      say({ voice: "marin", format: "opus", speed: 1.5, instructions: "warmly" }),
      mini,
      credentials,
    );
    expect(request.url).toBe(`${credentials.baseUrl}/audio/speech`);
    expect(bodyOf(request)).toEqual({
      model: "gpt-4o-mini-tts",
      input: "Grüße 👋",
      voice: "marin",
      response_format: "opus",
      speed: 1.5,
      instructions: "warmly",
      stream_format: "sse",
    });
    expect(bodyOf(speech.request(say({ voice: "voice_7" }), classic, credentials))).toEqual({
      model: "tts-1",
      input: "Grüße 👋",
      voice: { id: "voice_7" },
      response_format: "mp3",
    });
  });

  test.each<[SpeechRequest["params"], string]>([
    [{ voice: "marin" }, "params.voice"],
    [{ instructions: "warmly" }, "params.instructions"],
    [{ format: "mulaw" }, "params.format"],
    [{ sample_rate: 8_000 }, "params.sample_rate"],
    [{ language: "de" }, "params.language"],
  ])("tts-1 refuses %j, which may be left out", (params, field) => {
    expect(speech.check(say(params), classic)).toMatchObject([{ field, droppable: true }]);
  });

  test("more than 4,096 characters are refused", () => {
    expect(speech.check({ ...say(), prompt: "x".repeat(4_097) }, mini)).toMatchObject([{ field: "prompt" }]);
  });

  const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const delta = (text: string) => event({ type: "speech.audio.delta", audio: Buffer.from(text).toString("base64") });
  const done = event({ type: "speech.audio.done", usage: { input_tokens: 5, output_tokens: 40, total_tokens: 45 } });

  test("events are put together and charged by their tokens", () => {
    const stream = `: ping\n\n${delta("ab")}${event({ type: "later" })}${delta("c")}${done}`;
    const decoded = speech.decode(raw(stream, "text/event-stream; charset=utf-8"), say(), mini);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/mpeg", source: { bytes: Buffer.from("abc") } } },
      usage: { inputTokens: 5, outputTokens: 40, audioOutputTokens: 40 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // 5 × $0.60 + 40 × $12, per million.
    expect(costOf(mini, decoded.usage)).toBe(3_000n + 480_000n);
  });

  test.each([
    ["without its end", delta("abc"), "malformed"],
    ["without sound", done, "malformed"],
    [
      "with an error",
      delta("abc") + event({ error: { message: "slow down", code: "rate_limit_exceeded" } }),
      "rate_limited",
    ],
  ])("a stream %s is a failure", (_name, stream, kind) => {
    expect(speech.decode(raw(stream, "text/event-stream"), say(), mini)).toMatchObject({ failure: { kind } });
  });

  test("bytes are charged by the character, an emoji being one", () => {
    const decoded = speech.decode(raw("ID3", "audio/mpeg"), say(), classic);
    expect(decoded).toMatchObject({ result: { audio: { mediaType: "audio/mpeg" } }, usage: { characters: 7 } });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(classic, decoded.usage)).toBe(105_000n);
    expect(speech.decode(raw("pcm", "audio/pcm"), say({ format: "pcm" }), classic)).toMatchObject({
      result: { audio: { mediaType: "audio/L16;rate=24000;channels=1" } },
    });
  });

  test.each([
    [json({ error: { message: "no", code: "server_error" } }), "server_error"],
    [raw("<html>", "text/html"), "malformed"],
    [raw("", "audio/mpeg"), "malformed"],
  ])("an answer that is no sound is a failure", (answer, kind) => {
    expect(speech.decode(answer, say(), classic)).toMatchObject({ failure: { kind } });
  });
});

describe("OpenAI transcription", () => {
  const whisper = shipped("openai/whisper-1");
  const plain = shipped("openai/gpt-4o-transcribe");
  const diarize = shipped("openai/gpt-4o-transcribe-diarize");
  const newest = shipped("openai/gpt-transcribe");
  const transcription = unary(openai.transcription, whisper);
  const recording = wav(2);
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data: recording.toString("base64") }, ...params },
  });

  test.each([
    [
      whisper,
      { language: "pt-BR", timestamps: "word", hints: ["Oslo", "fjord"] },
      [
        ["language", "pt"],
        ["response_format", "verbose_json"],
        ["timestamp_granularities[]", "word"],
        ["prompt", "Oslo, fjord"],
      ],
    ],
    [
      plain,
      { hints: ["Oslo"] },
      [
        ["response_format", "json"],
        ["prompt", "Oslo"],
      ],
    ],
    [
      newest,
      { hints: ["Oslo", "fjord"] },
      [
        ["response_format", "json"],
        ["keywords[]", "Oslo"],
        ["keywords[]", "fjord"],
      ],
    ],
    [
      diarize,
      { timestamps: "segment" },
      [
        ["response_format", "diarized_json"],
        ["chunking_strategy", "auto"],
      ],
    ],
  ] as const)("%o is asked in its own way", async (model, params, fields) => {
    const request = transcription.request(hear(params as object), model, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/audio/transcriptions`);
    const form = await formOf(request);
    expect(form.slice(0, -1)).toEqual([["model", model.nativeId], ...fields]);
    expect(form.at(-1)?.[1]).toMatch(/^audio\.wav audio\/wav RIFF/);
  });

  test.each([
    [plain, { timestamps: "word" }, "params.timestamps", true],
    [plain, { diarize: true }, "params.diarize", true],
    [diarize, { hints: ["x"] }, "params.hints", true],
    [diarize, { timestamps: "word" }, "params.timestamps", true],
    [whisper, { audio: { url: "https://example.test/a.wav" } }, "params.audio", false],
    [whisper, { audio: { data: "AAAA", media_type: "audio/midi" } }, "params.audio", false],
    [whisper, { audio: { data: "A".repeat(33_333_340), media_type: "audio/wav" } }, "params.audio", false],
  ] as const)("%o refuses what it cannot", (model, params, field, droppable) => {
    expect(transcription.check(hear(params as object), model)).toMatchObject([{ field, droppable }]);
  });

  test("audio of a type that cannot be told is refused", () => {
    expect(() => transcription.check(hear({ audio: { data: "AAAA" } }), whisper)).toThrow("unknown type");
  });

  test("Whisper's times and length are read, and it is charged by the second", () => {
    const body = {
      task: "transcribe",
      language: "english",
      duration: 4.2,
      text: "Hello there.",
      segments: [{ id: 0, start: 0, end: 4, text: " Hello there.", avg_logprob: -0.2 }],
      words: [{ word: "Hello", start: 0, end: 0.5 }, { word: "there" }],
      usage: { type: "duration", seconds: 5 },
    };
    const decoded = transcription.decode(json(body), hear({ timestamps: "word" }), whisper);
    expect(decoded).toMatchObject({
      result: {
        text: "Hello there.",
        language: "english",
        duration_s: 4.2,
        segments: [{ start_s: 0, end_s: 4, text: "Hello there." }],
        words: [{ start_s: 0, end_s: 0.5, text: "Hello" }],
      },
      usage: { seconds: 5 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // $0.006 a minute.
    expect(costOf(whisper, decoded.usage)).toBe(500_000n);
    const without = transcription.decode(json(body), hear(), whisper);
    expect(Object.keys("result" in without ? without.result : {})).toEqual(["text", "language", "duration_s"]);
  });

  test("speakers are kept apart, and tokens charged", () => {
    const body = {
      text: "Hi. Ho.",
      segments: [
        { type: "transcript.text.segment", id: "s1", speaker: "A", start: 0, end: 1, text: "Hi." },
        { type: "transcript.text.segment", id: "s2", speaker: "B", start: 1, end: 2, text: "Ho." },
      ],
      usage: {
        type: "tokens",
        input_tokens: 14,
        input_token_details: { audio_tokens: 12, text_tokens: 2 },
        output_tokens: 5,
      },
    };
    const decoded = transcription.decode(json(body), hear({ diarize: true }), diarize);
    expect(decoded).toMatchObject({
      result: { segments: [{ speaker: "A" }, { speaker: "B" }] },
      usage: { inputTokens: 14, audioInputTokens: 12, outputTokens: 5 },
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(diarize, decoded.usage)).toBe(35_000n + 50_000n);
  });

  test("where only time is charged and none is given, it is measured in the file", () => {
    const body = { text: "Hi", usage: { type: "tokens", input_tokens: 14, output_tokens: 5 } };
    const decoded = transcription.decode(json(body), hear(), newest);
    if ("failure" in decoded) throw new Error("failed");
    expect(decoded.usage.seconds).toBe(2);
    // $0.0045 a minute.
    expect(costOf(newest, decoded.usage)).toBe(150_000n);
  });

  test.each([
    ['{"error":{"message":"no","type":"server_error"}}', "server_error"],
    ["<html>", "malformed"],
    ['{"segments":[]}', "malformed"],
  ])("%s is a failure", (body, kind) => {
    expect(transcription.decode(json(body), hear(), whisper)).toMatchObject({ failure: { kind } });
  });
});
