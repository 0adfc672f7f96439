import RunwayML from "@runwayml/sdk";
import { describe, expect, test } from "vitest";
import { hearAudio } from "../../src/simulator/media/audio.ts";
import { makeImage, readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, billed } = mediaCalls(simulator);

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
