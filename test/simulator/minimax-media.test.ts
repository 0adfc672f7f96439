import { describe, expect, test } from "vitest";
import { hearAudio } from "../../src/simulator/media/audio.ts";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { readWav } from "../../src/simulator/media/wav.ts";
import { blob, form, mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

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
