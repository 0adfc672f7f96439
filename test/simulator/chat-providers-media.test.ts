import Cloudflare from "cloudflare";
import Groq, { toFile } from "groq-sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { hearAudio, makeAudio } from "../../src/simulator/media/audio.ts";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { readWav } from "../../src/simulator/media/wav.ts";
import type { ProviderName } from "../../src/simulator/provider.ts";
import { at, fetchLink, pollUntil, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const post = (
  provider: ProviderName,
  path: string,
  body: object | FormData | Buffer,
  headers: Record<string, string> = {},
) => send(simulator(), provider, "POST", path, body, headers);
const get = (provider: ProviderName, path: string) => send(simulator(), provider, "GET", path);
const billed = async (provider: ProviderName) => {
  await simulator().book.idle();
  return simulator().book.totals(provider).billed;
};
const form = (fields: Record<string, string | Blob>) => {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string") made.append(name, value);
    else made.append(name, value, "a.wav");
  }
  return made;
};
const wav = (text = "Hello there", seconds = 2) => makeAudio(seconds, text, "wav");
const blob = (bytes = wav()) => new Blob([new Uint8Array(bytes)], { type: "audio/wav" });

describe("Groq's sound through the groq-sdk", () => {
  const groq = () =>
    new Groq({
      apiKey: simulator().apiKey("groq"),
      baseURL: simulator().baseUrl("groq").replace("/openai/v1", ""),
      maxRetries: 0,
    });

  test("is spoken as WAV and written down again", async () => {
    const spoken = await groq().audio.speech.create({
      model: "canopylabs/orpheus-v1-english",
      voice: "troy",
      input: "Hello from Groq",
      response_format: "wav",
    });
    const bytes = Buffer.from(await spoken.arrayBuffer());
    const heard = await groq().audio.transcriptions.create({
      model: "whisper-large-v3-turbo",
      file: await toFile(bytes, "a.wav"),
      response_format: "verbose_json",
      timestamp_granularities: ["word"],
    });
    expect(heard).toMatchObject({
      text: "Hello from Groq",
      duration: 1,
      words: [{ word: "Hello" }, { word: "from" }, { word: "Groq" }],
      x_groq: { id: expect.any(String) },
    });
    expect(await billed("groq")).toMatchObject({ characters: 15, seconds: 10 });
  });

  test.each<[string, object]>([
    ["another format than WAV", { response_format: "mp3" }],
    ["a voice of another model", { voice: "noura" }],
    ["201 characters", { input: "x".repeat(201) }],
  ])("refuses %s", async (_what, more) => {
    const asked = { model: "canopylabs/orpheus-v1-english", voice: "troy", input: "x", ...more };
    await expect(groq().audio.speech.create(asked)).rejects.toMatchObject({ status: 400 });
  });

  test("refuses captions, and translation by the smaller model", async () => {
    const file = await toFile(wav(), "a.wav");
    const srt = groq().audio.transcriptions.create({
      model: "whisper-large-v3",
      file,
      response_format: "srt" as never,
    });
    await expect(srt).rejects.toMatchObject({ status: 400 });
    const translated = groq().audio.translations.create({ model: "whisper-large-v3-turbo", file });
    await expect(translated).rejects.toMatchObject({ status: 404 });
  });
});

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

describe("Alibaba's media", () => {
  const services = "/api/v1/services";
  const generation = `${services}/aigc/multimodal-generation/generation`;
  const films = `${services}/aigc/video-generation/video-synthesis`;
  const asyncHeader = { "x-dashscope-async": "enable" };
  const task = (id: unknown) => get("alibaba", `/api/v1/tasks/${id}`);

  test("an image is drawn at once and comes behind a link", async () => {
    const content = [{ text: "make it night" }, { image: "https://a.test/a.png" }];
    const made = await post("alibaba", generation, {
      model: "wan2.7-image",
      input: { messages: [{ role: "user", content }] },
      parameters: { size: "1K", n: 2, watermark: false },
    });
    expect(made.json).toMatchObject({ output: { finished: true }, usage: { image_count: 2, size: "1024*1024" } });
    const image = await fetchLink(at(made.json, "output.choices.1.message.content.0.image"));
    expect(readImage(image.bytes)).toMatchObject({ format: "png", width: 1_024 });
  });

  test("or as a task", async () => {
    const input = { messages: [{ role: "user", content: [{ text: "a kite" }] }] };
    const started = await post(
      "alibaba",
      `${services}/aigc/image-generation/generation`,
      { model: "wan2.7-image", input },
      asyncHeader,
    );
    const id = at(started.json, "output.task_id");
    const polls = await pollUntil(
      () => task(id),
      ({ json }) => at(json, "output.task_status") === "SUCCEEDED",
    );
    expect(polls.map(({ json }) => at(json, "output.task_status"))).toEqual(["PENDING", "RUNNING", "SUCCEEDED"]);
    expect((await fetchLink(at(polls.at(-1)?.json, "output.choices.0.message.content.0.image"))).status).toBe(200);
  });

  test("a film is a task alone, billed by its seconds", async () => {
    const body = {
      model: "wan2.7-i2v",
      input: { prompt: "the fox runs", media: [{ type: "first_frame", url: "https://a.test/f.png" }] },
      parameters: { resolution: "720P", duration: 5, watermark: false },
    };
    expect(await post("alibaba", films, body)).toMatchObject({ status: 403, json: { code: "AccessDenied" } });
    const started = await post("alibaba", films, body, asyncHeader);
    expect(started.json).toMatchObject({ output: { task_status: "PENDING" } });
    const polls = await pollUntil(
      () => task(at(started.json, "output.task_id")),
      ({ json }) => at(json, "output.task_status") === "SUCCEEDED",
    );
    expect(polls.at(-1)?.json).toMatchObject({
      usage: { duration: 5, SR: 720, video_count: 1 },
      output: { orig_prompt: "the fox runs" },
    });
    expect(readMp4((await fetchLink(at(polls.at(-1)?.json, "output.video_url"))).bytes)).toMatchObject({
      width: 1_280,
      seconds: 5,
    });
    expect((await billed("alibaba")).seconds).toBe(5);
  });

  test("a task can be cancelled while it waits, is unknown once forgotten, and fails under 200", async () => {
    const body = (prompt: string) => ({ model: "wan2.7-t2v", input: { prompt }, parameters: { duration: 2 } });
    const waiting = await post("alibaba", films, body("a"), asyncHeader);
    const cancel = () =>
      send(simulator(), "alibaba", "POST", `/api/v1/tasks/${at(waiting.json, "output.task_id")}/cancel`);
    expect((await cancel()).status).toBe(200);
    expect((await cancel()).status).toBe(400);
    expect((await billed("alibaba")).seconds).toBe(0);
    expect((await task("nothing")).json).toMatchObject({ output: { task_status: "UNKNOWN" } });
    const refused = await post("alibaba", films, body("refuse"), asyncHeader);
    const polls = await pollUntil(
      () => task(at(refused.json, "output.task_id")),
      ({ json }) => at(json, "output.task_status") === "FAILED",
    );
    expect(polls.at(-1)).toMatchObject({ status: 200, json: { output: { code: "DataInspectionFailed" } } });
  });

  test.each<[string, string, object, RegExp]>([
    [
      "a small p in a resolution",
      films,
      { model: "wan2.7-t2v", input: { prompt: "x" }, parameters: { resolution: "720p" } },
      /resolution|Invalid value/,
    ],
    [
      "frames together with references",
      films,
      {
        model: "wan3.0",
        input: {
          media: [
            { type: "first_frame", url: "https://a.test" },
            { type: "reference_image", url: "https://a.test" },
          ],
        },
      },
      /exclusive/,
    ],
    [
      "a field of another generation",
      films,
      { model: "wan2.6-t2v", input: { prompt: "x", media: [] } },
      /Unknown parameter: 'input.media'/,
    ],
    ["a model that is not there", films, { model: "sora-2", input: {} }, /ModelNotFound/],
    [
      "an x between width and height",
      generation,
      {
        model: "wan2.6-t2i",
        input: { messages: [{ role: "user", content: [{ text: "x" }] }] },
        parameters: { size: "1280x1280" },
      },
      /width\*height/,
    ],
    [
      "parameters for a voice",
      generation,
      { model: "qwen3-tts-flash", input: { text: "x", voice: "Cherry" }, parameters: {} },
      /Unknown parameter: 'parameters'/,
    ],
  ])("refuse %s", async (_what, path, body, message) => {
    const answer = await post("alibaba", path, body, asyncHeader);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.bytes.toString()).toMatch(message);
    expect(answer.json).toMatchObject({ request_id: expect.any(String), code: expect.any(String) });
  });

  test("speech comes behind a link, or as events with samples", async () => {
    const body = {
      model: "qwen3-tts-flash",
      input: { text: "Hello there", voice: "Cherry", language_type: "English" },
    };
    const whole = await post("alibaba", generation, body);
    expect(whole.json).toMatchObject({ usage: { characters: 11 }, output: { audio: { data: "" } } });
    expect(hearAudio((await fetchLink(at(whole.json, "output.audio.url"))).bytes)?.spoken).toBe("Hello there");
    const streamed = await post("alibaba", generation, body, { "x-dashscope-sse": "enable" });
    const events = streamed.bytes
      .toString()
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => JSON.parse(event.slice(event.indexOf("data:") + 5)) as unknown);
    expect(events.at(-1)).toMatchObject({ output: { finish_reason: "stop", audio: { data: "" } } });
    const samples = Buffer.concat(events.map((event) => Buffer.from(String(at(event, "output.audio.data")), "base64")));
    expect(samples).toHaveLength(24_000 * 2);
  });

  test("what is said is written down in chat, natively, and as a task for long files", async () => {
    const data = `data:audio/wav;base64,${wav().toString("base64")}`;
    const openai = new OpenAI({
      apiKey: simulator().apiKey("alibaba"),
      baseURL: `${simulator().baseUrl("alibaba")}/compatible-mode/v1`,
      maxRetries: 0,
    });
    const messages = [{ role: "user", content: [{ type: "input_audio", input_audio: { data } }] }];
    const chat = await openai.chat.completions.create({
      model: "qwen3-asr-flash",
      messages: messages as never,
      ...{ asr_options: { language: "en" } },
    });
    expect(chat.choices[0]?.message.content).toBe("Hello there");
    expect((chat.usage as unknown as { seconds: number }).seconds).toBe(2);
    const native = await post("alibaba", generation, {
      model: "qwen3-asr-flash",
      input: { messages: [{ role: "user", content: [{ audio: data }] }] },
    });
    expect(native.json).toMatchObject({
      output: { choices: [{ message: { content: [{ text: "Hello there" }] } }] },
      usage: { seconds: 2 },
    });
    const url = simulator().files.put(wav(), "audio/wav", 60_000, "wav");
    const started = await post(
      "alibaba",
      `${services}/audio/asr/transcription`,
      { model: "qwen3-asr-flash-filetrans", input: { file_url: url }, parameters: { enable_words: true } },
      asyncHeader,
    );
    const polls = await pollUntil(
      () => task(at(started.json, "output.task_id")),
      ({ json }) => at(json, "output.task_status") === "SUCCEEDED",
    );
    const result = JSON.parse(
      (await fetchLink(at(polls.at(-1)?.json, "output.result.transcription_url"))).bytes.toString(),
    ) as unknown;
    expect(result).toMatchObject({
      transcripts: [
        {
          text: "Hello there",
          sentences: [{ begin_time: 0, end_time: 2_000, words: [{ text: "Hello" }, { text: "there" }] }],
        },
      ],
    });
  });

  test("fail in the native shape", async () => {
    simulator().faults.script([{ fault: { kind: "rate_limited" } }]);
    expect(await post("alibaba", films, {}, asyncHeader)).toMatchObject({
      status: 429,
      json: { code: "Throttling.RateQuota", request_id: expect.any(String) },
    });
    expect(await post("alibaba", films, {}, { authorization: "Bearer wrong" })).toMatchObject({
      status: 401,
      json: { code: "InvalidApiKey" },
    });
  });
});

describe("ByteDance's media", () => {
  test("images through the openai SDK, in sets of which one may fail", async () => {
    const { images } = new OpenAI({
      apiKey: simulator().apiKey("bytedance"),
      baseURL: simulator().baseUrl("bytedance"),
      maxRetries: 0,
    });
    const made = await images.generate({
      model: "seedream-4-5-251128",
      prompt: "a kite",
      size: "2K" as never,
      response_format: "b64_json",
      ...{ watermark: false },
    });
    expect(readImage(Buffer.from(made.data?.[0]?.b64_json ?? "", "base64"))).toMatchObject({ width: 2_048 });
    const set = { sequential_image_generation: "auto", sequential_image_generation_options: { max_images: 3 } };
    const partial = await images.generate({ model: "seedream-4-0-250828", prompt: "one in the set fails", ...set });
    expect(partial.data).toMatchObject([
      { url: expect.any(String) },
      { url: expect.any(String) },
      { error: { code: expect.any(String) } },
    ]);
    expect((await billed("bytedance")).images).toBe(3);
  });

  test("images are streamed by event", async () => {
    const streamed = await post("bytedance", "/images/generations", {
      model: "seedream-4-0-250828",
      prompt: "a",
      stream: true,
    });
    const types = [...streamed.bytes.toString().matchAll(/^event: (.+)$/gm)].map(([, type]) => type);
    expect(types).toEqual(["image_generation.partial_succeeded", "image_generation.completed"]);
    expect(streamed.bytes.toString()).toMatch(/data: \[DONE\]\n\n$/);
  });

  test("a film is queued, runs, and ends with its tokens", async () => {
    const content = [
      { type: "text", text: "the fox runs" },
      { type: "image_url", image_url: { url: "https://a.test/f.png" }, role: "first_frame" },
    ];
    const started = await post("bytedance", "/contents/generations/tasks", {
      model: "dreamina-seedance-2-0-260128",
      content,
      resolution: "720p",
      ratio: "1:1",
      duration: 5,
      return_last_frame: true,
    });
    const polls = await pollUntil(
      () => get("bytedance", `/contents/generations/tasks/${at(started.json, "id")}`),
      ({ json }) => at(json, "status") === "succeeded",
    );
    expect(polls.map(({ json }) => at(json, "status"))).toEqual(["queued", "running", "succeeded"]);
    const ended = polls.at(-1)?.json;
    expect(readMp4((await fetchLink(at(ended, "content.video_url"))).bytes)).toEqual({
      width: 720,
      height: 720,
      seconds: 5,
    });
    expect((await fetchLink(at(ended, "content.last_frame_url"))).type).toBe("image/png");
    expect(at(ended, "usage.completion_tokens")).toBe((await billed("bytedance")).outputTokens);
  });

  test("a delete cancels what waits, is refused for what runs, and forgets what has ended", async () => {
    const start = async () =>
      at(
        (
          await post("bytedance", "/contents/generations/tasks", {
            model: "seedance-1-5-pro-251215",
            content: [{ type: "text", text: "a" }],
          })
        ).json,
        "id",
      );
    const remove = (id: unknown) => send(simulator(), "bytedance", "DELETE", `/contents/generations/tasks/${id}`);
    const poll = (id: unknown) => get("bytedance", `/contents/generations/tasks/${id}`);
    const waiting = await start();
    expect((await remove(waiting)).status).toBe(200);
    expect((await poll(waiting)).json).toMatchObject({ status: "cancelled" });
    const running = await start();
    await poll(running);
    await poll(running);
    expect((await remove(running)).status).toBe(400);
    await poll(running);
    expect((await remove(running)).status).toBe(200);
    expect((await poll(running)).status).toBe(404);
  });

  test.each<[string, object]>([
    ["n", { n: 2 }],
    ["a seed on a newer model", { seed: 1 }],
    ["an output format on an older model", { output_format: "png" }],
    ["a size it does not know", { size: "1K" }],
  ])("refuse %s for an image", async (_what, more) => {
    const answer = await post("bytedance", "/images/generations", {
      model: "seedream-4-5-251128",
      prompt: "x",
      ...more,
    });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: "InvalidParameter" } } });
  });

  test.each<[string, object]>([
    [
      "frames together with references",
      {
        content: [
          { type: "image_url", image_url: { url: "https://a.test" }, role: "first_frame" },
          { type: "image_url", image_url: { url: "https://a.test" }, role: "reference_image" },
        ],
      },
    ],
    ["a resolution with a capital P", { resolution: "720P" }],
    ["16 seconds", { duration: 16 }],
    ["a fixed camera", { camera_fixed: true }],
  ])("refuse %s for a film", async (_what, more) => {
    const answer = await post("bytedance", "/contents/generations/tasks", {
      model: "dreamina-seedance-2-0-260128",
      content: [{ type: "text", text: "x" }],
      ...more,
    });
    expect(answer.status).toBe(400);
  });
});

describe("MiniMax's media", () => {
  const minimax = (path: string, body: object | FormData) => post("minimax", path, body);
  const voice = { voice_setting: { voice_id: "English_expressive_narrator" } };

  test("speech comes in hex, behind a link, or in events of which the last repeats the whole", async () => {
    const body = {
      model: "speech-2.8-turbo",
      text: "Hi there.",
      ...voice,
      audio_setting: { format: "wav", sample_rate: 16_000 },
    };
    const whole = await minimax("/v1/t2a_v2", body);
    expect(whole.json).toMatchObject({
      data: { status: 2 },
      extra_info: { usage_characters: 9, audio_sample_rate: 16_000 },
      base_resp: { status_code: 0 },
    });
    const hex = String(at(whole.json, "data.audio"));
    expect(readWav(Buffer.from(hex, "hex"))?.spoken).toBe("Hi there.");
    const linked = await minimax("/v1/t2a_v2", { ...body, output_format: "url" });
    expect((await fetchLink(at(linked.json, "data.audio"))).bytes.toString("hex")).toBe(hex);
    for (const exclude of [false, true]) {
      const streamed = await minimax("/v1/t2a_v2", {
        ...body,
        stream: true,
        stream_options: { exclude_aggregated_audio: exclude },
      });
      const events = streamed.bytes
        .toString()
        .split("\n\n")
        .filter((event) => event !== "")
        .map((event) => JSON.parse(event.slice(6)) as unknown);
      expect(
        events
          .slice(0, -1)
          .map((event) => at(event, "data.audio"))
          .join(""),
      ).toBe(hex);
      expect(at(events.at(-1), "data.audio")).toBe(exclude ? "" : hex);
    }
  });

  test.each<[string, string, object]>([
    ["speech without a voice", "/v1/t2a_v2", { model: "speech-2.8-hd", text: "x" }],
    [
      "speech with an emotion of another model",
      "/v1/t2a_v2",
      { model: "speech-2.8-hd", text: "x", voice_setting: { voice_id: "v", emotion: "whisper" } },
    ],
    [
      "a link in a stream",
      "/v1/t2a_v2",
      { model: "speech-2.8-hd", text: "x", ...voice, stream: true, output_format: "url" },
    ],
    ["an image of an odd width", "/v1/image_generation", { model: "image-01", prompt: "x", width: 513, height: 512 }],
    ["a song without words", "/v1/music_generation", { model: "music-2.6", prompt: "x" }],
    [
      "a film of an odd length",
      "/v1/video_generation",
      { model: "MiniMax-Hailuo-2.3", prompt: "x", resolution: "1080P", duration: 10 },
    ],
    [
      "a film from text by a model that wants an image",
      "/v1/video_generation",
      { model: "MiniMax-Hailuo-2.3-Fast", prompt: "x" },
    ],
    [
      "a new film from text without a ratio",
      "/v2/video_generation",
      { model: "MiniMax-H3", content: [{ type: "text", text: "x" }], resolution: "768P", duration: 5 },
    ],
    [
      "a new film with frames and references",
      "/v2/video_generation",
      {
        model: "MiniMax-H3",
        content: [
          { type: "text", text: "x" },
          { type: "image_url", image_url: { url: "https://a.test" }, role: "first_frame" },
          { type: "image_url", image_url: { url: "https://a.test" }, role: "reference_image" },
        ],
        resolution: "768P",
        duration: 5,
        ratio: "16:9",
      },
    ],
  ])("refuses %s with 200 and its own code", async (_what, path, body) => {
    expect(await minimax(path, body)).toMatchObject({ status: 200, json: { base_resp: { status_code: 2_013 } } });
  });

  test("fails under 200 with its own codes", async () => {
    simulator().faults.script([{ fault: { kind: "rate_limited" } }, { fault: { kind: "quota_exhausted" } }]);
    expect((await minimax("/v1/t2a_v2", {})).json).toMatchObject({ base_resp: { status_code: 1_002 } });
    expect((await minimax("/v1/t2a_v2", {})).json).toMatchObject({ base_resp: { status_code: 1_008 } });
    const wrong = await post("minimax", "/v1/t2a_v2", {}, { authorization: "Bearer wrong" });
    expect(wrong).toMatchObject({ status: 200, json: { base_resp: { status_code: 1_004 } } });
    expect((await minimax("/v1/image_generation", { model: "image-01", prompt: "refuse" })).json).toMatchObject({
      base_resp: { status_code: 1_026 },
    });
  });

  test("images, of which none may be left; and songs", async () => {
    const made = await minimax("/v1/image_generation", {
      model: "image-01",
      prompt: "a kite",
      aspect_ratio: "16:9",
      n: 2,
      response_format: "base64",
    });
    expect(made.json).toMatchObject({ metadata: { success_count: 2 } });
    expect(readImage(Buffer.from(String(at(made.json, "data.image_base64.1")), "base64"))?.format).toBe("jpeg");
    const none = await minimax("/v1/image_generation", { model: "image-01", prompt: "show nothing" });
    expect(none.json).toMatchObject({
      data: { image_urls: [] },
      metadata: { success_count: 0, failed_count: 1 },
      base_resp: { status_code: 0 },
    });
    const song = await minimax("/v1/music_generation", {
      model: "music-2.6",
      prompt: "folk",
      lyrics: "[Verse] la",
      output_format: "url",
    });
    expect(hearAudio((await fetchLink(at(song.json, "data.audio"))).bytes)?.seconds).toBeCloseTo(8, 0);
    expect(await billed("minimax")).toMatchObject({ images: 2, seconds: 8 });
  });

  test("a film ends in a file that is fetched by its id", async () => {
    const started = await minimax("/v1/video_generation", {
      model: "MiniMax-Hailuo-2.3",
      prompt: "a fox",
      duration: 6,
      resolution: "768P",
    });
    expect(at(started.json, "task_id")).toMatch(/^\d+$/);
    const polls = await pollUntil(
      () => get("minimax", `/v1/query/video_generation?task_id=${at(started.json, "task_id")}`),
      ({ json }) => at(json, "status") === "Success",
    );
    expect(polls.map(({ json }) => at(json, "status"))).toEqual(["Queueing", "Processing", "Success"]);
    const file = await get("minimax", `/v1/files/retrieve?file_id=${at(polls.at(-1)?.json, "file_id")}`);
    expect(readMp4((await fetchLink(at(file.json, "file.download_url"))).bytes)).toMatchObject({
      height: 768,
      seconds: 6,
    });
  });

  test("a new film is wrapped in its task, with what it used", async () => {
    const started = await minimax("/v2/video_generation", {
      model: "MiniMax-H3",
      content: [{ type: "text", text: "a fox" }],
      resolution: "768P",
      duration: 5,
      ratio: "16:9",
    });
    const polls = await pollUntil(
      () => get("minimax", `/v2/query/video_generation/${at(started.json, "task_id")}`),
      ({ json }) => at(json, "task.status") === "succeeded",
    );
    expect(polls.at(-1)?.json).toMatchObject({ task: { usage: { total_seconds: 5, output_seconds: 5 } } });
    expect((await fetchLink(at(polls.at(-1)?.json, "task.content.url"))).type).toBe("video/mp4");
  });

  test("what is said is written down", async () => {
    const heard = await minimax(
      "/v1/speech_to_text",
      form({ model: "asr-1.0", response_format: "verbose_json", timestamp_level: "word", file: blob() }),
    );
    expect(heard.json).toMatchObject({
      text: "Hello there",
      duration: 2,
      segments: [{ text: "Hello" }, { text: "there" }],
    });
    expect(
      (await minimax("/v1/speech_to_text", form({ model: "asr-1.0", stream: "true", file: blob() }))).bytes.toString(),
    ).toMatch(/"finish":true,"duration":2/);
  });
});

describe("Workers AI's media through the cloudflare SDK", () => {
  const account_id = "simulated";
  const ai = () =>
    new Cloudflare({
      apiToken: simulator().apiKey("workers-ai"),
      baseURL: simulator().baseUrl("workers-ai"),
      maxRetries: 0,
    }).ai;
  const run = (model: string, body: object | FormData | Buffer, headers = {}) =>
    post("workers-ai", `/accounts/${account_id}/ai/run/${model}`, body, headers);

  test("an image comes in the envelope, or bare, by model", async () => {
    const made = (await ai().run("@cf/black-forest-labs/flux-1-schnell", {
      account_id,
      prompt: "a kite",
    })) as unknown as { image: string };
    expect(readImage(Buffer.from(made.image, "base64"))).toMatchObject({ format: "jpeg" });
    const bare = await run("@cf/stabilityai/stable-diffusion-xl-base-1.0", {
      prompt: "a kite",
      width: 512,
      height: 768,
    });
    expect(bare.headers.get("content-type")).toBe("image/png");
    expect(readImage(bare.bytes)).toMatchObject({ width: 512, height: 768 });
    const made2 = await run(
      "@cf/black-forest-labs/flux-2-dev",
      form({ prompt: "a kite", width: "512", height: "512" }),
    );
    expect(readImage(Buffer.from(String(at(made2.json, "result.image")), "base64"))).toMatchObject({ width: 512 });
  });

  test("speech comes bare from Aura and in the envelope from MeloTTS", async () => {
    const aura = await run("@cf/deepgram/aura-1", {
      text: "Hello",
      speaker: "angus",
      encoding: "linear16",
      container: "wav",
      sample_rate: 16_000,
    });
    expect(readWav(aura.bytes)).toMatchObject({ sampleRate: 16_000, spoken: "Hello" });
    const melo = (await ai().run("@cf/myshell-ai/melotts", { account_id, prompt: "Hello" })) as unknown as {
      audio: string;
    };
    expect(hearAudio(Buffer.from(melo.audio, "base64"))?.spoken).toBe("Hello");
  });

  test("each transcriber takes its audio in its own way", async () => {
    const turbo = await run("@cf/openai/whisper-large-v3-turbo", { audio: wav().toString("base64"), language: "en" });
    expect(turbo.json).toMatchObject({
      result: { text: "Hello there", word_count: 2, transcription_info: { duration: 2 } },
    });
    const listed = (await ai().run("@cf/openai/whisper", { account_id, audio: [...wav()] })) as unknown as {
      text: string;
    };
    expect(listed.text).toBe("Hello there");
    const bytes = await run("@cf/openai/whisper", wav(), { "content-type": "application/octet-stream" });
    expect(bytes.json).toMatchObject({ result: { words: [{ word: "Hello" }, { word: "there" }] } });
    const nova = await run("@cf/deepgram/nova-3", wav(), { "content-type": "audio/wav" });
    expect(at(nova.json, "result.results.channels.0.alternatives.0.transcript")).toBe("Hello there");
    expect((await billed("workers-ai")).seconds).toBe(8);
  });

  test.each<[string, string, object]>([
    ["nine steps", "@cf/black-forest-labs/flux-1-schnell", { prompt: "x", steps: 9 }],
    ["JSON where a form is wanted", "@cf/black-forest-labs/flux-2-dev", { prompt: "x" }],
    ["an image under 256 pixels", "@cf/leonardo/lucid-origin", { prompt: "x", width: 255 }],
    ["base64 where numbers are wanted", "@cf/openai/whisper", { audio: "AAAA" }],
    ["a prompt where a text is wanted", "@cf/deepgram/aura-1", { prompt: "x" }],
  ])("refuse %s", async (_what, model, body) => {
    expect(await run(model, body)).toMatchObject({ status: 400, json: { success: false } });
  });
});
