import { InworldTTS } from "@inworld/tts";
import RunwayML from "@runwayml/sdk";
import { AssemblyAI } from "assemblyai";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { hearAudio, makeAudio } from "../../src/simulator/media/audio.ts";
import { makeImage, readImage } from "../../src/simulator/media/image.ts";
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

describe("Runway through the @runwayml/sdk", () => {
  const runway = (apiKey = simulator().apiKey("runway")) =>
    new RunwayML({ apiKey, baseURL: simulator().baseUrl("runway"), maxRetries: 0 });
  const untilEnded = async (id: string) => {
    const statuses: string[] = [];
    for (;;) {
      const task = await runway().tasks.retrieve(id);
      statuses.push(task.status);
      if (["SUCCEEDED", "FAILED", "CANCELLED"].includes(task.status)) return { statuses, task };
    }
  };

  test("films from an image, and says what it cost", async () => {
    const started = await runway().imageToVideo.create({
      model: "gen4_turbo",
      promptImage: "https://example.com/a.jpg",
      ratio: "1280:720",
      duration: 5,
      promptText: "a fox",
    });
    const { statuses, task } = await untilEnded(started.id);
    expect(statuses).toEqual(["THROTTLED", "RUNNING", "SUCCEEDED"]);
    if (task.status !== "SUCCEEDED") throw new Error("expected success");
    expect(task.cost.credits).toBe(25);
    expect(readMp4((await fetchLink(task.output[0])).bytes)).toEqual({ width: 1_280, height: 720, seconds: 5 });
    expect(await billed("runway")).toMatchObject({ seconds: 5, providerCostNanoUsd: 250_000_000n });
  });

  test("draws several images, and speaks", async () => {
    const drawn = await untilEnded(
      (
        await runway().textToImage.create({
          model: "seedream5_lite",
          promptText: "a kite",
          ratio: "2048:2048",
          outputCount: 2,
        })
      ).id,
    );
    if (drawn.task.status !== "SUCCEEDED") throw new Error("expected success");
    expect(drawn.task.output).toHaveLength(2);
    expect(readImage((await fetchLink(drawn.task.output[1])).bytes)).toMatchObject({ width: 2_048 });
    const spoken = await untilEnded(
      (
        await runway().textToSpeech.create({
          model: "eleven_multilingual_v2",
          promptText: "Hello",
          voice: { type: "runway-preset", presetId: "Leslie" },
        })
      ).id,
    );
    if (spoken.task.status !== "SUCCEEDED") throw new Error("expected success");
    expect(hearAudio((await fetchLink(spoken.task.output[0])).bytes)?.spoken).toBe("Hello");
  });

  test("charges what the safety of the input refuses, and gives back what it fails at or what is cancelled", async () => {
    const film = (promptText: string) =>
      runway().textToVideo.create({ model: "gen4.5", promptText, ratio: "1280:720", duration: 5 });
    const refused = await untilEnded((await film("refuse")).id);
    expect(refused.task).toMatchObject({ status: "FAILED", failureCode: "SAFETY.INPUT.TEXT", cost: { credits: 60 } });
    const failed = await untilEnded((await film("fail this job")).id);
    expect(failed.task).toMatchObject({
      status: "FAILED",
      failureCode: expect.stringMatching(/^INTERNAL/),
      cost: { credits: 0 },
    });
    const waiting = await film("a fox");
    await runway().tasks.delete(waiting.id);
    expect(await runway().tasks.retrieve(waiting.id)).toMatchObject({ status: "CANCELLED", cost: { credits: 0 } });
    expect((await billed("runway")).providerCostNanoUsd).toBe(600_000_000n);
  });

  test("takes an upload by its own address", async () => {
    const file = new File([new Uint8Array(makeImage("png", 64, 64, "x"))], "a.png", { type: "image/png" });
    const upload = await runway().uploads.createEphemeral({ file });
    expect(upload.uri).toMatch(/^runway:\/\//);
    const started = await runway().imageToVideo.create({
      model: "gen4_turbo",
      promptImage: upload.uri,
      ratio: "1280:720",
    });
    expect(started.id).toMatch(/^[0-9a-f-]{36}$/);
    const unknown = runway().imageToVideo.create({
      model: "gen4_turbo",
      promptImage: "runway://nothing",
      ratio: "1280:720",
    });
    await expect(unknown).rejects.toMatchObject({ status: 400 });
  });

  test("fails with the SDK's error classes, and wants its version", async () => {
    await expect(runway("wrong").organization.retrieve()).rejects.toBeInstanceOf(RunwayML.AuthenticationError);
    await expect(runway().tasks.retrieve("00000000-0000-4000-8000-000000000000")).rejects.toBeInstanceOf(
      RunwayML.NotFoundError,
    );
    simulator().faults.script([{ fault: { kind: "rate_limited" } }]);
    await expect(runway().organization.retrieve()).rejects.toBeInstanceOf(RunwayML.RateLimitError);
    expect(
      await send(simulator(), "runway", "GET", "/v1/organization", undefined, { "x-runway-version": "2023-01-01" }),
    ).toMatchObject({ status: 400 });
  });

  test.each<[string, string, object, string]>([
    [
      "a ratio as others write it",
      "text_to_video",
      { model: "gen4.5", promptText: "x", ratio: "16:9", duration: 5 },
      "ratio",
    ],
    [
      "a ratio for images on a film from text",
      "text_to_video",
      { model: "gen4.5", promptText: "x", ratio: "1104:832", duration: 5 },
      "ratio",
    ],
    [
      "eleven seconds",
      "text_to_video",
      { model: "gen4.5", promptText: "x", ratio: "1280:720", duration: 11 },
      "duration",
    ],
    [
      "a length that Veo has not",
      "text_to_video",
      { model: "veo3.1", promptText: "x", ratio: "1280:720", duration: 5 },
      "duration",
    ],
    [
      "a field of another model",
      "text_to_video",
      { model: "gen4.5", promptText: "x", ratio: "1280:720", duration: 5, audio: true },
      "audio",
    ],
    [
      "snake case",
      "text_to_video",
      { model: "gen4.5", prompt_text: "x", ratio: "1280:720", duration: 5 },
      "promptText",
    ],
    [
      "1,001 characters",
      "text_to_video",
      { model: "gen4.5", promptText: "x".repeat(1_001), ratio: "1280:720", duration: 5 },
      "promptText",
    ],
    [
      "an image by http",
      "image_to_video",
      { model: "gen4_turbo", promptImage: "http://example.com/a.jpg", ratio: "1280:720" },
      "promptImage",
    ],
    [
      "an image at a bare host",
      "image_to_video",
      { model: "gen4_turbo", promptImage: "https://localhost/a.jpg", ratio: "1280:720" },
      "promptImage",
    ],
    ["a retired model", "image_to_video", { model: "gen3a_turbo", promptImage: "https://example.com/a.jpg" }, "model"],
    [
      "turbo images without references",
      "text_to_image",
      { model: "gen4_image_turbo", promptText: "x", ratio: "1024:1024" },
      "referenceImages",
    ],
  ])("refuses %s", async (_what, endpoint, body, path) => {
    const answer = await post("runway", `/v1/${endpoint}`, body);
    expect(answer.status).toBe(400);
    expect(String(at(answer.json, "issues.0.path.0"))).toContain(path);
  });
});

describe("AssemblyAI through its SDK", () => {
  const assembly = (apiKey = simulator().apiKey("assemblyai")) =>
    new AssemblyAI({ apiKey, baseUrl: simulator().baseUrl("assemblyai") });
  const wav = makeAudio(4, "Hello there, this is a test of ten short words.", "wav");

  test("uploads, submits, polls, and writes down what is said", async () => {
    const made = await assembly().transcripts.transcribe(
      { audio: wav, speech_models: ["universal-3-5-pro"], speaker_labels: true },
      { pollingInterval: 1 },
    );
    expect(made).toMatchObject({
      status: "completed",
      text: "Hello there, this is a test of ten short words.",
      audio_duration: 4,
    });
    expect(made.words?.[1]).toMatchObject({ text: "there,", start: 400, end: 800, speaker: "A" });
    expect(made.utterances?.map(({ speaker }) => speaker)).toEqual(["A", "B"]);
    expect((await billed("assemblyai")).seconds).toBe(4);
    const statuses = simulator().book.entries.filter(
      ({ method, path }) => method === "GET" && path.startsWith("/v2/transcript/"),
    );
    expect(statuses).toHaveLength(3);
  });

  test("gives captions, sentences and found words, and erases", async () => {
    const made = await assembly().transcripts.transcribe(
      { audio: wav, speech_models: ["universal-2"] },
      { pollingInterval: 1 },
    );
    expect(await assembly().transcripts.subtitles(made.id, "srt")).toMatch(/^1\n00:00:00,000 --> /);
    expect((await assembly().transcripts.sentences(made.id)).sentences).toHaveLength(2);
    expect(await assembly().transcripts.wordSearch(made.id, ["hello", "nothing"])).toMatchObject({ total_count: 1 });
    expect((await assembly().transcripts.list({ limit: 5 })).transcripts.map(({ id }) => id)).toContain(made.id);
    await assembly().transcripts.delete(made.id);
    await expect(assembly().transcripts.get(made.id)).rejects.toThrow(/not found/);
  });

  test("ends in an error under 200 where there is no sound, and bills nothing", async () => {
    const made = await assembly().transcripts.transcribe(
      { audio: Buffer.from("this is no sound, only text that goes on") },
      { pollingInterval: 1 },
    );
    expect(made).toMatchObject({ status: "error", error: expect.stringContaining("does not appear to contain audio") });
    expect((await billed("assemblyai")).seconds).toBeUndefined();
  });

  test.each<[string, object, number, RegExp]>([
    ["an unknown field", { diarize: true }, 400, /diarize/],
    ["a retired model", { speech_model: "nano" }, 400, /Invalid value/],
    ["a new model in the old field", { speech_model: "universal-3-5-pro" }, 400, /Invalid value/],
    ["a prompt together with key terms", { prompt: "x", keyterms_prompt: ["y"] }, 400, /cannot both be set/],
    ["boosted words on a new model", { speech_models: ["universal-3-5-pro"], word_boost: ["x"] }, 400, /word_boost/],
    ["an upload of somebody else's", { audio_url: "UPLOAD" }, 403, /Cannot access uploaded file/],
  ])("refuses %s", async (_what, body, status, message) => {
    const upload = `${simulator().baseUrl("assemblyai")}/upload/none`;
    const asked = JSON.parse(
      JSON.stringify({ audio_url: "https://a.test/a.mp3", ...body }).replace("UPLOAD", upload),
    ) as object;
    const answer = await post("assemblyai", "/v2/transcript", asked);
    expect(answer.status).toBe(status);
    expect(String(at(answer.json, "error"))).toMatch(message);
  });

  test("takes the key bare, and not as a bearer", async () => {
    await expect(assembly("wrong").transcripts.list()).rejects.toThrow(/Authentication error/);
    const bearer = await send(simulator(), "assemblyai", "GET", "/v2/transcript", undefined, {
      authorization: `Bearer ${simulator().apiKey("assemblyai")}`,
    });
    expect(bearer.status).toBe(401);
  });
});

describe("Inworld through the @inworld/tts SDK", () => {
  const inworld = (apiKey = simulator().apiKey("inworld")) =>
    InworldTTS({ apiKey, baseUrl: simulator().baseUrl("inworld"), maxRetries: 0 });

  test("speaks a whole clip, and streams it", async () => {
    const whole = Buffer.from(
      await inworld().generate({ text: "Hello from Inworld", voice: "Dennis", encoding: "WAV" }),
    );
    expect(hearAudio(whole)?.seconds).toBeGreaterThan(0);
    let bytes = 0;
    for await (const chunk of inworld().stream({ text: "Hello from Inworld", voice: "Dennis", encoding: "MP3" }))
      bytes += chunk.length;
    expect(bytes).toBeGreaterThan(100);
    expect((await billed("inworld")).characters).toBe(36);
  });

  test("says the times of words", async () => {
    const made = await inworld().generateWithTimestamps({
      text: "Hello there",
      voice: "Dennis",
      timestampType: "WORD",
    });
    expect(made.timestamps?.wordAlignment?.words).toEqual(["Hello", "there"]);
  });

  test("streams lines of JSON, each piece of LINEAR16 with a header of 44 bytes", async () => {
    const body = {
      text: "one two three four",
      voice_id: "Dennis",
      model_id: "inworld-tts-2",
      audio_config: { audio_encoding: "LINEAR16", sample_rate_hertz: 16_000 },
    };
    const streamed = await post("inworld", "/tts/v1/voice:stream", body);
    const lines = streamed.bytes
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const wav = Buffer.from(String(at(line, "result.audioContent")), "base64");
      expect(readWav(wav)?.sampleRate).toBe(16_000);
      expect(wav.indexOf("data")).toBe(36);
    }
    expect(
      lines.reduce<number>((sum, line) => sum + Number(at(line, "result.usage.processedCharactersCount")), 0),
    ).toBe(18);
    simulator().faults.script([{ fault: { kind: "error_event", afterEvents: 1, failure: "server_error" } }]);
    const failed = await post("inworld", "/tts/v1/voice:stream", body);
    expect(JSON.parse(failed.bytes.toString().trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      error: { code: 13 },
    });
  });

  test.each<[string, object, number, number]>([
    ["2,001 characters", { text: "x".repeat(2_001) }, 400, 3],
    ["an unknown voice", { voiceId: "Kore" }, 404, 5],
    ["a delivery mode on an older model", { modelId: "inworld-tts-1.5-max", deliveryMode: "STABLE" }, 400, 3],
    ["telephony at another rate", { audioConfig: { audioEncoding: "MULAW", sampleRateHertz: 16_000 } }, 400, 3],
    ["a bit rate without compression", { audioConfig: { audioEncoding: "PCM", bitRate: 64_000 } }, 400, 3],
    ["an unknown field", { speed: 1 }, 400, 3],
  ])("refuses %s with gRPC's codes", async (_what, body, status, code) => {
    const asked = { text: "x", voiceId: "Dennis", modelId: "inworld-tts-2", ...body };
    expect(await post("inworld", "/tts/v1/voice", asked)).toMatchObject({ status, json: { code } });
  });

  test("takes the key as it is, after Basic", async () => {
    await expect(inworld("wrong").generate({ text: "x", voice: "Dennis" })).rejects.toThrow();
  });
});

describe("Recraft", () => {
  const png = (side = 64) => makeImage("png", side, side, "x");

  test("draws through the openai SDK, in its own sizes, and says what it cost", async () => {
    const { images } = new OpenAI({
      apiKey: simulator().apiKey("recraft"),
      baseURL: simulator().baseUrl("recraft"),
      maxRetries: 0,
    });
    const made = await images.generate({
      model: "recraftv4_1",
      prompt: "two race cars",
      size: "16:9" as never,
      n: 2,
      response_format: "b64_json",
    });
    expect(readImage(Buffer.from(made.data?.[0]?.b64_json ?? "", "base64"))).toMatchObject({
      format: "webp",
      width: 1_344,
      height: 768,
    });
    expect((made as unknown as { credits: number }).credits).toBe(70);
    expect((await billed("recraft")).providerCostNanoUsd).toBe(70_000_000n);
  });

  test("answers vectors as SVG behind a link", async () => {
    const made = await post("recraft", "/images/generations", {
      model: "recraftv3_vector",
      prompt: "a logo",
      style: "vector_illustration",
    });
    const svg = await fetchLink(at(made.json, "data.0.url"));
    expect([svg.type, svg.bytes.toString().slice(0, 4)]).toEqual(["image/svg+xml", "<svg"]);
  });

  test("takes an image in a form or as a data URL", async () => {
    const form = new FormData();
    form.append("image", new Blob([new Uint8Array(png())]), "a.png");
    form.append("prompt", "night");
    form.append("strength", "0.5");
    form.append("controls", JSON.stringify({ no_text: true }));
    expect((await post("recraft", "/images/imageToImage", form)).json).toMatchObject({
      credits: 35,
      data: [{ url: expect.any(String) }],
    });
    const image = `data:image/png;base64,${png().toString("base64")}`;
    const upscaled = await post("recraft", "/images/crispUpscale", { image, response_format: "b64_json" });
    expect(upscaled.json).toMatchObject({ credits: 4 });
    expect(readImage(Buffer.from(String(at(upscaled.json, "image.b64_json")), "base64"))).toMatchObject({ width: 128 });
  });

  test.each<[string, string, object]>([
    ["a style on the fourth line", "generations", { model: "recraftv4_1", prompt: "x", style: "realistic_image" }],
    ["a negative prompt on the fourth line", "generations", { model: "recraftv4", prompt: "x", negative_prompt: "y" }],
    ["a size of another line", "generations", { model: "recraftv4_1", prompt: "x", size: "1820x1024" }],
    ["1,001 characters on the third line", "generations", { model: "recraftv3", prompt: "x".repeat(1_001) }],
    [
      "inpainting on the fourth line",
      "inpaint",
      { model: "recraftv4_1", prompt: "x", image: "https://a.test/a.png", mask: "https://a.test/m.png" },
    ],
    [
      "an edit by the flash model",
      "imageToImage",
      { model: "recraftv4_1_flash", prompt: "x", image: "https://a.test/a.png", strength: 0.5 },
    ],
    ["seven images", "generations", { model: "recraftv4_1", prompt: "x", n: 7 }],
    ["a model of others", "generations", { model: "flux-dev", prompt: "x" }],
    [
      "an edit without its strength",
      "imageToImage",
      { model: "recraftv3", prompt: "x", image: "https://a.test/a.png" },
    ],
    ["what is moderated", "generations", { model: "recraftv4_1", prompt: "refuse" }],
  ])("refuses %s", async (_what, route, body) => {
    expect(await post("recraft", `/images/${route}`, body)).toMatchObject({
      status: 400,
      json: { code: expect.any(String), message: expect.any(String) },
    });
  });
});

describe("PixVerse", () => {
  const pixverse = (path: string, body: object | FormData) => post("pixverse", `/openapi/v2${path}`, body);
  const asked = { model: "v6", prompt: "a paper boat", duration: 5, quality: "540p", aspect_ratio: "16:9" };

  test("films, and is polled by a number until it is done", async () => {
    const started = await pixverse("/video/text/generate", { ...asked, generate_audio_switch: true });
    expect(started.json).toMatchObject({ ErrCode: 0, Resp: { credits: 45 } });
    const id = at(started.json, "Resp.video_id");
    expect(Number.isSafeInteger(id)).toBe(true);
    const polls = await pollUntil(
      () => get("pixverse", `/openapi/v2/video/result/${id}`),
      ({ json }) => at(json, "Resp.status") === 1,
    );
    expect(polls.map(({ json }) => at(json, "Resp.status"))).toEqual([5, 5, 1]);
    expect(readMp4((await fetchLink(at(polls.at(-1)?.json, "Resp.url"))).bytes)).toMatchObject({
      width: 960,
      height: 540,
      seconds: 5,
    });
    expect(await billed("pixverse")).toMatchObject({ seconds: 5, providerCostNanoUsd: 450_000_000n });
  });

  test("films from an image that was uploaded before", async () => {
    const form = new FormData();
    form.append("image", new Blob([new Uint8Array(makeImage("png", 64, 64, "x"))]), "a.png");
    const uploaded = await pixverse("/image/upload", form);
    const { aspect_ratio: _ratio, ...body } = asked;
    const img_id = at(uploaded.json, "Resp.img_id");
    expect((await pixverse("/video/img/generate", { ...body, img_id })).json).toMatchObject({ ErrCode: 0 });
    expect((await pixverse("/video/img/generate", { ...body, img_id: 1 })).json).toMatchObject({ ErrCode: 400_032 });
  });

  test("answers a trace id that it has seen before with what it answered then, and bills once", async () => {
    const trace = { "ai-trace-id": crypto.randomUUID() };
    const [first, second] = [
      await post("pixverse", "/openapi/v2/video/text/generate", asked, trace),
      await post("pixverse", "/openapi/v2/video/text/generate", asked, trace),
    ];
    expect(second.json).toEqual(first.json);
    expect((await billed("pixverse")).seconds).toBe(5);
    expect(
      (await post("pixverse", "/openapi/v2/video/text/generate", asked, { "ai-trace-id": "x" })).json,
    ).toMatchObject({ ErrCode: 400_033 });
  });

  test("fails under 200 with its own codes, and says how a film failed", async () => {
    simulator().faults.script([{ fault: { kind: "rate_limited" } }, { fault: { kind: "quota_exhausted" } }]);
    expect(await pixverse("/video/text/generate", asked)).toMatchObject({ status: 200, json: { ErrCode: 500_044 } });
    expect((await pixverse("/video/text/generate", asked)).json).toMatchObject({ ErrCode: 500_090 });
    expect((await pixverse("/video/text/generate", { ...asked, prompt: "block this prompt" })).json).toMatchObject({
      ErrCode: 500_063,
    });
    for (const [prompt, status] of [
      ["fail this job", 8],
      ["refuse", 7],
    ] as const) {
      const started = await pixverse("/video/text/generate", { ...asked, prompt });
      const polls = await pollUntil(
        () => get("pixverse", `/openapi/v2/video/result/${at(started.json, "Resp.video_id")}`),
        ({ json }) => at(json, "Resp.status") !== 5,
      );
      expect(polls.at(-1)?.json).toMatchObject({ Resp: { status, credits: 0, url: "" } });
    }
  });

  test.each<[string, object]>([
    ["a length that the older models have not", { model: "v5", duration: 6 }],
    ["ten seconds at 1080p", { model: "v5.6", duration: 10, quality: "1080p" }],
    ["sixteen seconds", { duration: 16 }],
    ["a wide ratio on an older model", { model: "v5", aspect_ratio: "21:9" }],
    ["sound on an older model", { model: "v5", generate_audio_switch: true }],
    ["a fast mode on a newer model", { motion_mode: "fast" }],
    ["a quality of others", { quality: "4k" }],
    ["an unknown field", { size: "1024x576" }],
  ])("refuses %s", async (_what, more) => {
    const answer = await pixverse("/video/text/generate", { ...asked, ...more });
    expect(answer.status).toBe(200);
    expect([400_011, 400_017]).toContain(at(answer.json, "ErrCode"));
  });
});

describe("Vidu", () => {
  const vidu = (path: string, body: object) => post("vidu", path, body);
  const asked = { model: "viduq3-turbo", prompt: "a fox", duration: 5, resolution: "720p" };

  test("films, and says what it cost when it is submitted and when it is done", async () => {
    const started = await vidu("/text2video", { ...asked, payload: "mine" });
    expect(started.json).toMatchObject({ state: "created", credits: 55, payload: "mine" });
    const polls = await pollUntil(
      () => get("vidu", `/tasks/${at(started.json, "task_id")}/creations`),
      ({ json }) => at(json, "state") === "success",
    );
    expect(polls.map(({ json }) => at(json, "state"))).toEqual(["queueing", "processing", "success"]);
    expect(polls.at(-1)?.json).toMatchObject({
      credits: 55,
      payload: "mine",
      creations: [{ cover_url: expect.any(String) }],
    });
    expect(readMp4((await fetchLink(at(polls.at(-1)?.json, "creations.0.url"))).bytes)).toMatchObject({
      height: 720,
      seconds: 5,
    });
    expect(await billed("vidu")).toMatchObject({ seconds: 5, providerCostNanoUsd: 275_000_000n });
  });

  test("costs half off the peak, and draws from references", async () => {
    expect((await vidu("/text2video", { ...asked, off_peak: true })).json).toMatchObject({ credits: 28 });
    const drawn = await vidu("/reference2image", {
      model: "viduq2",
      prompt: "a kite",
      resolution: "2K",
      aspect_ratio: "21:9",
    });
    const polls = await pollUntil(
      () => get("vidu", `/tasks/${at(drawn.json, "task_id")}/creations`),
      ({ json }) => at(json, "state") === "success",
    );
    expect((await fetchLink(at(polls.at(-1)?.json, "creations.0.url"))).type).toBe("image/png");
  });

  test("is cancelled while it waits, and not later", async () => {
    const start = async () => at((await vidu("/text2video", asked)).json, "task_id");
    const cancel = (id: unknown) => vidu(`/tasks/${id}/cancel`, { id });
    const waiting = await start();
    expect(await cancel(waiting)).toMatchObject({ status: 200, json: {} });
    expect((await get("vidu", `/tasks/${waiting}/creations`)).json).toMatchObject({
      state: "failed",
      err_code: "UserCancelled",
    });
    expect((await billed("vidu")).seconds).toBe(0);
    const running = await start();
    await get("vidu", `/tasks/${running}/creations`);
    await get("vidu", `/tasks/${running}/creations`);
    expect(await cancel(running)).toMatchObject({
      status: 400,
      json: { message: "task state is scheduled, can not cancel" },
    });
  });

  test.each<[string, string, object, string]>([
    ["a model that does not film from text", "/text2video", { ...asked, model: "viduq3-pro-fast" }, "ModelUnavailable"],
    ["a resolution the model has not", "/text2video", { ...asked, model: "viduq1" }, "FieldInvalid"],
    ["a length the model has not", "/text2video", { ...asked, duration: 17 }, "FieldInvalid"],
    [
      "a ratio on a film from an image",
      "/img2video",
      { ...asked, images: ["https://a.test/a.png"], aspect_ratio: "1:1" },
      "FieldUnwanted",
    ],
    [
      "two images where one is wanted",
      "/img2video",
      { ...asked, images: ["https://a.test/a.png", "https://a.test/b.png"] },
      "FieldInvalid",
    ],
    ["a film from references without any", "/reference2video", asked, "FieldLacking"],
    ["a missing prompt", "/text2video", { model: "viduq3-turbo" }, "FieldLacking"],
    ["music on the third line", "/text2video", { ...asked, bgm: true }, "FieldUnwanted"],
    ["what is moderated", "/text2video", { ...asked, prompt: "block this prompt" }, "TaskPromptPolicyViolation"],
  ])("refuses %s", async (_what, path, body, reason) => {
    expect(await vidu(path, body)).toMatchObject({
      status: 400,
      json: { code: 400, reason, metadata: { trace_id: expect.any(String) } },
    });
  });

  test("wants the word Token before its key, and has no credit under 400", async () => {
    const bearer = await post("vidu", "/text2video", asked, { authorization: `Bearer ${simulator().apiKey("vidu")}` });
    expect(bearer).toMatchObject({ status: 401, json: { reason: "Unauthorized" } });
    simulator().faults.script([{ fault: { kind: "quota_exhausted" } }]);
    expect(await vidu("/text2video", asked)).toMatchObject({ status: 400, json: { reason: "CreditInsufficient" } });
  });
});
