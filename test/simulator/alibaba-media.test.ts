import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { hearAudio } from "../../src/simulator/media/audio.ts";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { mediaCalls, wav } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

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
