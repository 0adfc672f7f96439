import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { makeImage, readImage } from "../../src/simulator/media/image.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, fetchLink } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, billed } = mediaCalls(simulator);

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
