import { describe, expect, test } from "vitest";
import { makeImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

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
