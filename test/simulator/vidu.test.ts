import { describe, expect, test } from "vitest";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink, pollUntil } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, get, billed } = mediaCalls(simulator);

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
