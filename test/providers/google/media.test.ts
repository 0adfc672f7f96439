import { describe, expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { google } from "../../../src/providers/google/index.ts";
import { joinImages } from "../../../src/providers/join.ts";
import type { ImageRequest } from "../../../src/providers/shapes/image.ts";
import type { MusicRequest } from "../../../src/providers/shapes/music.ts";
import type { SpeechRequest } from "../../../src/providers/shapes/speech.ts";
import type { TranscriptionRequest } from "../../../src/providers/shapes/transcription.ts";
import type { VideoRequest } from "../../../src/providers/shapes/video.ts";
import { bodyOf, job, json, png, shipped, unansweredModels, unary, wav } from "../support/media.ts";
import { credentials } from "../support/model.ts";

test("every Gemini model for media is answered for, save those that ended", () => {
  expect(unansweredModels(google)).toEqual([]);
});

const keyed = { "x-goog-api-key": credentials.apiKey };

describe("Gemini images", () => {
  const model = shipped("google/gemini-3.1-flash-image");
  const image = unary(google.image, model);
  const draw = (params: ImageRequest["params"] = {}): ImageRequest => ({ prompt: "a red kite", params });

  test("are asked for with the images to work from", () => {
    const request = image.request(
      draw({ aspect_ratio: "16:9", size: "1K", images: [{ data: png.toString("base64") }] }),
      model,
      credentials,
    );
    expect(request).toMatchObject({
      url: `${credentials.baseUrl}/models/gemini-3.1-flash-image:generateContent`,
      headers: keyed,
    });
    expect(bodyOf(request)).toEqual({
      contents: [
        {
          role: "user",
          parts: [{ text: "a red kite" }, { inlineData: { mimeType: "image/png", data: png.toString("base64") } }],
        },
      ],
      generationConfig: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "16:9", imageSize: "1K" } },
    });
    expect(bodyOf(image.request(draw({ aspect_ratio: "auto" }), model, credentials))).toMatchObject({
      generationConfig: { responseModalities: ["IMAGE"] },
    });
  });

  test.each<[string, ImageRequest["params"], string]>([
    ["google/gemini-3-pro-image", { size: "512" }, "params.size"],
    ["google/gemini-3-pro-image", { aspect_ratio: "1:8" }, "params.aspect_ratio"],
    ["google/gemini-3.1-flash-image", { size: "1024x1024" }, "params.size"],
    ["google/gemini-3.1-flash-image", { mask: { data: "AAAA" } }, "params.mask"],
    ["google/gemini-3.1-flash-image", { quality: "low" }, "params.quality"],
    ["google/gemini-2.5-flash-image", { images: [{ url: "https://example.test/a.png" }] }, "params.images[0]"],
  ])("%s refuses %j", (id, params, field) => {
    expect(image.check(draw(params), shipped(id))).toMatchObject([{ field }]);
  });

  test("only 3.1 Flash draws small and very narrow ones, and Gemini 3 fetches URLs", () => {
    const params = { size: "512", aspect_ratio: "1:8", images: [{ url: "https://example.test/a.png" }] };
    expect(image.check(draw(params), model)).toEqual([]);
  });

  const made = {
    candidates: [
      {
        content: {
          role: "model",
          parts: [
            { inlineData: { mimeType: "image/png", data: "AAAA" }, thought: true },
            { text: "Here it is" },
            { inlineData: { mimeType: "image/png", data: png.toString("base64") }, thoughtSignature: "E" },
          ],
        },
        finishReason: "STOP",
      },
    ],
    usageMetadata: {
      promptTokenCount: 265,
      candidatesTokenCount: 1_130,
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1_120 }],
    },
    responseId: "c9",
  };

  test("drafts among the thoughts are no result, and images have a rate of their own", () => {
    const decoded = image.decode(json(made), draw(), model);
    expect(decoded).toMatchObject({
      result: { images: [{ mediaType: "image/png", source: { kind: "bytes", bytes: png } }] },
      usage: { images: 1, inputTokens: 265, outputTokens: 1_130, imageOutputTokens: 1_120 },
      requestId: "c9",
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(decoded.result.images).toHaveLength(1);
    // 265 × $0.50 + 10 × $3 + 1,120 × $60, per million.
    expect(costOf(model, decoded.usage)).toBe(132_500n + 30_000n + 67_200_000n);
  });

  const blocked = {
    promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    usageMetadata: { promptTokenCount: 5 },
  };
  const candidate = (finishReason: string) => ({
    candidates: [{ content: { parts: [{ text: "I cannot" }] }, finishReason }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3 },
  });

  test.each<[string, unknown, string]>([
    ["a blocked prompt", blocked, "content_refused"],
    ["a filtered image", candidate("IMAGE_SAFETY"), "content_refused"],
    ["no image", candidate("NO_IMAGE"), "malformed"],
    ["a candidate with nothing", { candidates: [{ finishReason: "IMAGE_OTHER" }] }, "malformed"],
    ["an error under status 200", { error: { code: 503, status: "UNAVAILABLE", message: "busy" } }, "overloaded"],
    ["no JSON", "<html>", "malformed"],
  ])("%s is a failure", (_name, body, kind) => {
    expect(image.decode(json(body), draw(), model)).toMatchObject({ failure: { kind } });
  });

  test("what a filtered image cost is known all the same", () => {
    const decoded = image.decode(json(candidate("IMAGE_SAFETY")), draw(), model);
    expect(decoded).toMatchObject({ usage: { inputTokens: 5, outputTokens: 3 } });
  });

  test("several are one exchange each, and one that is held back costs none of the others", () => {
    expect(image.split?.(draw({ n: 1 }), model)).toEqual([draw()]);
    const parts = image.split?.(draw({ n: 2, size: "1K" }), model) ?? [];
    expect(parts).toHaveLength(2);
    const [first, second] = parts.map((part, at) =>
      image.decode(json(at === 0 ? made : candidate("IMAGE_SAFETY")), part, model),
    );
    if (!first || !second || "failure" in first || "failure" in second) throw new Error("failed");
    expect(joinImages([first, second])).toMatchObject({
      result: { images: [{ mediaType: "image/png" }], filtered: 1 },
      usage: { inputTokens: 270 },
      warnings: [expect.stringContaining("IMAGE_SAFETY")],
    });
  });
});

describe("Gemini speech", () => {
  const newer = shipped("google/gemini-3.8-flash-tts");
  const older = shipped("google/gemini-2.5-flash-preview-tts");
  const speech = unary(google.speech, newer);
  const say = (params: SpeechRequest["params"] = {}): SpeechRequest => ({ prompt: "Hello!", params });

  test("from 3.8 on takes the manner and the container apart", () => {
    const request = speech.request(
      say({ voice: "Puck", instructions: "cheerfully", format: "mulaw", language: "en-US" }),
      newer,
      credentials,
    );
    expect(bodyOf(request)).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hello!", speechMetadata: { style: "cheerfully" } }] }],
      generationConfig: {
        responseModalities: ["AUDIO"],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Puck" } }, languageCode: "en-US" },
        responseFormat: { audio: { mimeType: "AUDIO_MULAW" } },
      },
    });
  });

  test("before that reads the manner from the text", () => {
    expect(bodyOf(speech.request(say({ instructions: "Say cheerfully" }), older, credentials))).toEqual({
      contents: [{ role: "user", parts: [{ text: "Say cheerfully: Hello!" }] }],
      generationConfig: {
        responseModalities: ["AUDIO"],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
      },
    });
    expect(speech.check(say({ format: "mulaw" }), older)).toMatchObject([{ field: "params.format" }]);
    expect(speech.check(say({ speed: 2 }), newer)).toMatchObject([{ field: "params.speed", droppable: true }]);
  });

  const spoken = (mimeType: string, bytes: Uint8Array) => ({
    candidates: [
      {
        content: { parts: [{ inlineData: { mimeType, data: Buffer.from(bytes).toString("base64") } }] },
        finishReason: "STOP",
      },
    ],
    usageMetadata: {
      promptTokenCount: 4,
      candidatesTokenCount: 25,
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 25 }],
    },
  });
  const samples = wav(1, 24_000).subarray(44);

  test("headerless sound becomes a WAV file, or stays as it is when PCM was asked for", () => {
    const answer = json(spoken("audio/L16;codec=pcm;rate=24000", samples));
    const decoded = speech.decode(answer, say(), older);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/wav", source: { kind: "bytes", bytes: wav(1, 24_000) } } },
      usage: { inputTokens: 4, outputTokens: 25, audioOutputTokens: 25 },
    });
    if ("failure" in decoded) throw new Error("failed");
    // 4 × $0.50 + 25 × $10, per million.
    expect(costOf(older, decoded.usage)).toBe(2_000n + 250_000n);
    expect(speech.decode(answer, say({ format: "pcm" }), older)).toMatchObject({
      result: { audio: { mediaType: "audio/L16;rate=24000;channels=1", source: { bytes: samples } } },
    });
  });

  test("a file that is one already is left alone", () => {
    expect(speech.decode(json(spoken("audio/wav", wav(1))), say(), newer)).toMatchObject({
      result: { audio: { mediaType: "audio/wav", source: { bytes: wav(1) } } },
    });
  });
});

describe("Gemini transcription", () => {
  const model = shipped("google/gemini-3.5-transcribe");
  const transcription = unary(google.transcription, model);
  const data = wav().toString("base64");
  const hear = (params: Partial<TranscriptionRequest["params"]> = {}): TranscriptionRequest => ({
    prompt: "",
    params: { audio: { data }, ...params },
  });

  test("is an interaction that is not kept", () => {
    const request = transcription.request(
      hear({ language: "en-US", hints: ["Kubernetes"], diarize: true, timestamps: "word" }),
      model,
      credentials,
    );
    expect(request).toMatchObject({ url: `${credentials.baseUrl}/interactions`, headers: keyed });
    expect(bodyOf(request)).toEqual({
      model: "gemini-3.5-transcribe",
      input: [{ type: "audio", data, mime_type: "audio/wav" }],
      generation_config: {
        transcription_config: {
          language_codes: ["en-US"],
          custom_vocabulary: ["Kubernetes"],
          mode: { type: "verbatim", diarization_mode: "speaker", timestamp_granularities: ["word"] },
        },
      },
      store: false,
    });
  });

  test.each<[Partial<TranscriptionRequest["params"]>, string]>([
    [{ timestamps: "segment" }, "params.timestamps"],
    [{ audio: { url: "https://example.test/a.wav" } }, "params.audio"],
    [{ audio: { data: "AAAA", media_type: "audio/midi" } }, "params.audio"],
  ])("%j is refused", (params, field) => {
    expect(transcription.check(hear(params), model)).toMatchObject([{ field }]);
  });

  const interaction = (rest: object) => ({
    id: "v1_Chd",
    object: "interaction",
    status: "completed",
    steps: [
      { type: "thought", signature: "C" },
      {
        type: "model_output",
        content: [
          {
            type: "text",
            text: "Hi there",
            annotations: [
              { type: "word_info", text: "Hi", end_offset: "0.4s", speaker: "spk_1" },
              { type: "word_info", text: "there", start_offset: "0.5s", end_offset: "0.9s" },
              { type: "word_info", text: "odd", start_offset: "soon", end_offset: "1s" },
              { type: "url_citation" },
            ],
          },
        ],
      },
    ],
    usage: {
      total_input_tokens: 32,
      input_tokens_by_modality: [{ modality: "audio", tokens: 32 }],
      total_output_tokens: 6,
      total_thought_tokens: 4,
    },
    ...rest,
  });

  test("words have times and speakers, and thoughts are charged beside the output", () => {
    const decoded = transcription.decode(json(interaction({})), hear({ diarize: true }), model);
    expect(decoded).toEqual({
      result: {
        text: "Hi there",
        words: [
          { text: "Hi", start_s: 0, end_s: 0.4, speaker: "spk_1" },
          { text: "there", start_s: 0.5, end_s: 0.9 },
        ],
      },
      usage: { inputTokens: 32, audioInputTokens: 32, outputTokens: 10, reasoningTokens: 4 },
      requestId: "v1_Chd",
    });
    if ("failure" in decoded) throw new Error("failed");
    // 32 × $2 + 10 × $12, per million.
    expect(costOf(model, decoded.usage)).toBe(64_000n + 120_000n);
    const plain = transcription.decode(json(interaction({})), hear(), model);
    expect(plain).toMatchObject({ result: { text: "Hi there" } });
    expect("result" in plain && "words" in plain.result).toBe(false);
  });

  test.each<[unknown, string]>([
    [interaction({ status: "incomplete" }), "too_large"],
    [
      interaction({ status: "failed", steps: [], error: { code: 500, status: "INTERNAL", message: "oops" } }),
      "server_error",
    ],
    [interaction({ status: "failed", steps: [] }), "server_error"],
    ["<html>", "malformed"],
  ])("%j is a failure", (body, kind) => {
    expect(transcription.decode(json(body), hear(), model)).toMatchObject({ failure: { kind } });
  });
});

describe("Gemini video", () => {
  const model = shipped("google/gemini-omni-flash-preview");
  const video = job(google.video, model);
  const film = (params: VideoRequest["params"] = {}): VideoRequest => ({ prompt: "a fox runs in snow", params });
  const still = { data: png.toString("base64") };
  const block = { type: "image", data: still.data, mime_type: "image/png" };

  test("is an interaction in the background", () => {
    const request = video.submit(
      film({ aspect_ratio: "16:9", resolution: "720p", duration_s: 8, first_frame: still, seed: 4 }),
      model,
      credentials,
    );
    expect(request).toMatchObject({ method: "POST", url: `${credentials.baseUrl}/interactions`, headers: keyed });
    expect(bodyOf(request)).toEqual({
      model: "gemini-omni-flash-preview",
      input: [{ type: "text", text: "a fox runs in snow" }, block],
      response_format: { type: "video", aspect_ratio: "16:9", resolution: "720p", duration: "8s", delivery: "uri" },
      generation_config: { seed: 4, video_config: { task: "image_to_video" } },
      background: true,
    });
  });

  test.each<[VideoRequest["params"], string, unknown[]]>([
    [{}, "text_to_video", []],
    [{ reference_images: [still, still] }, "reference_to_video", [block, block]],
    [
      { video: { data: "AAAAGGZ0eXBpc29t" } },
      "edit",
      [{ type: "video", data: "AAAAGGZ0eXBpc29t", mime_type: "video/mp4" }],
    ],
  ])("%j is the task %s", (params, task, given) => {
    const body = bodyOf(video.submit(film(params), model, credentials)) as { input: unknown[] };
    expect(body).toMatchObject({ generation_config: { video_config: { task } } });
    expect(body.input.slice(1)).toEqual(given);
  });

  test.each<[VideoRequest["params"], string, boolean]>([
    [{ duration_s: 16 }, "params.duration_s", true],
    [{ duration_s: 4.5 }, "params.duration_s", true],
    [{ aspect_ratio: "1:1" }, "params.aspect_ratio", true],
    [{ resolution: "768p" }, "params.resolution", true],
    [{ with_audio: false }, "params.with_audio", true],
    [{ negative_prompt: "fog" }, "params.negative_prompt", true],
    [{ last_frame: still }, "params.last_frame", false],
    [{ first_frame: still, reference_images: [still] }, "params.reference_images", false],
    [{ first_frame: { url: "https://example.test/a.png" } }, "params.first_frame", false],
  ])("%j is refused", (params, field, droppable) => {
    expect(video.check(film(params), model)).toMatchObject([{ field, droppable }]);
  });

  test("its format, which is what costs money, cannot be set past the budget", () => {
    const request = { ...film(), provider_options: { response_format: { duration: "15s" } } };
    expect(() => video.submit(request, model, credentials)).toThrow("provider_options.google.response_format");
  });

  const uri = "https://generativelanguage.googleapis.com/v1beta/files/abc:download?alt=media";
  const done = {
    id: "v1_9",
    status: "completed",
    steps: [{ type: "model_output", content: [{ type: "video", mime_type: "video/mp4", uri }] }],
    usage: {
      total_input_tokens: 20,
      total_output_tokens: 46_000,
      output_tokens_by_modality: [{ modality: "video", tokens: 46_000 }],
    },
  };

  test("goes from submitted to done, and its tokens are charged", () => {
    const submitted = video.submitted(json({ id: "v1_9", status: "in_progress" }), film({ duration_s: 8 }), model);
    expect(submitted).toEqual({ state: "running", job: { id: "v1_9", data: { duration_s: 8 } } });
    if (submitted.state !== "running") throw new Error("not running");
    const written = JSON.parse(JSON.stringify(submitted.job)) as typeof submitted.job;
    expect(video.poll(written, model, credentials)).toEqual({
      method: "GET",
      url: `${credentials.baseUrl}/interactions/v1_9`,
      headers: keyed,
    });
    expect(video.polled(json({ status: "in_progress" }), written, model)).toEqual(submitted);
    const ended = video.polled(json(done), written, model);
    expect(ended).toMatchObject({
      state: "succeeded",
      result: { videos: [{ mediaType: "video/mp4", durationS: 8, source: { kind: "url", url: uri, needsKey: true } }] },
      usage: { inputTokens: 20, outputTokens: 46_000 },
    });
    if (ended.state !== "succeeded") throw new Error("failed");
    // 20 × $1.50 + 46,000 × $17.50, per million.
    expect(costOf(model, ended.usage)).toBe(30_000n + 805_000_000n);
  });

  test("a small one comes in the answer, even to the first request", () => {
    const content = [{ type: "video", mime_type: "video/mp4", data: "AAAA" }];
    const inline = { ...done, steps: [{ type: "model_output", content }] };
    expect(video.submitted(json(inline), film(), model)).toMatchObject({
      state: "succeeded",
      result: { videos: [{ source: { kind: "bytes", bytes: Buffer.from([0, 0, 0]) } }] },
    });
  });

  const ended = (status: string, rest: object = {}) => ({ id: "v1_9", status, ...rest });
  const words = [{ type: "model_output", content: [{ type: "text", text: "I will not" }] }];

  test.each<[string, unknown, object]>([
    [
      "words in place of a video",
      ended("completed", { steps: words }),
      { kind: "content_refused", message: "I will not" },
    ],
    ["nothing", ended("completed", { steps: [] }), { kind: "malformed" }],
    [
      "a block",
      ended("failed", { error: { code: 400, message: "Blocked by safety filters" } }),
      { kind: "content_refused" },
    ],
    ["a failure", ended("failed"), { kind: "server_error" }],
    [
      "a link to somewhere that is no web",
      ended("completed", {
        steps: [{ type: "model_output", content: [{ type: "video", uri: "file:///etc/passwd" }] }],
      }),
      { kind: "malformed" },
    ],
    ["no JSON", "<html>", { kind: "malformed" }],
  ])("%s is a failure", (_name, body, failure) => {
    expect(video.polled(json(body), { id: "v1_9" }, model)).toMatchObject({ state: "failed", failure });
  });

  test("can be cancelled", () => {
    expect(video.cancel?.({ id: "v1/9" }, model, credentials)).toEqual({
      method: "POST",
      url: `${credentials.baseUrl}/interactions/v1%2F9/cancel`,
      headers: keyed,
    });
    expect(video.polled(json(ended("cancelled")), { id: "v1_9" }, model)).toEqual({ state: "cancelled" });
  });

  test("the key goes with a download to Google alone", () => {
    expect(google.download?.(uri, credentials)).toEqual({ method: "GET", url: uri, headers: keyed });
    const own = `${credentials.baseUrl}/files/abc:download`;
    expect(google.download?.(own, credentials).headers).toEqual(keyed);
    for (const other of ["https://evil.test/a.mp4", "https://generativelanguage.googleapis.com.evil.test/a"]) {
      expect(google.download?.(other, credentials).headers).toEqual({});
    }
  });
});

describe("Lyria music", () => {
  const model = shipped("google/lyria-3-clip-preview");
  const music = unary(google.music, model);
  const play = (params: MusicRequest["params"] = {}, prompt = "calm folk"): MusicRequest => ({ prompt, params });

  test.each<[MusicRequest["params"], string]>([
    [{}, "calm folk"],
    [{ format: "mp3" }, "calm folk"],
    [{ lyrics: "[Verse] la" }, "calm folk\n\nLyrics:\n[Verse] la"],
    [{ instrumental: true }, "calm folk\n\nInstrumental only, no vocals."],
  ])("is asked for in words, with %j", (params, text) => {
    const request = music.request(play(params), model, credentials);
    expect(request.url).toBe(`${credentials.baseUrl}/models/lyria-3-clip-preview:generateContent`);
    expect(bodyOf(request)).toEqual({
      contents: [{ role: "user", parts: [{ text }] }],
      generationConfig: { responseModalities: ["AUDIO", "TEXT"] },
    });
  });

  test.each<[MusicRequest, string]>([
    [play({ lyrics: "la", instrumental: true }), "params.lyrics"],
    [play({ format: "wav" }), "params.format"],
    [play({ duration_s: 30 }), "params.duration_s"],
    [play({ seed: 1 }), "params.seed"],
    [play({}, " "), "prompt"],
  ])("%j is refused", (request, field) => {
    expect(music.check(request, model)).toMatchObject([{ field }]);
  });

  test("comes as an MP3 beside its lyrics, and is charged by the song", () => {
    const parts = [{ text: "[Verse] la" }, { inlineData: { mimeType: "audio/mpeg", data: "SUQz" } }];
    const answer = {
      candidates: [{ content: { parts }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 3 },
    };
    const decoded = music.decode(json(answer), play(), model);
    expect(decoded).toMatchObject({
      result: { audio: { mediaType: "audio/mpeg", source: { bytes: Buffer.from("ID3") } } },
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(costOf(model, decoded.usage)).toBe(40_000_000n);
    expect(music.decode(json({ candidates: [{ content: { parts: [parts[0]] } }] }), play(), model)).toMatchObject({
      failure: { kind: "malformed" },
    });
  });
});
