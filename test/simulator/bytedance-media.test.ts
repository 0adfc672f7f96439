import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

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
