import Cloudflare from "cloudflare";
import { describe, expect, test } from "vitest";
import { hearAudio } from "../../src/simulator/media/audio.ts";
import { readImage } from "../../src/simulator/media/image.ts";
import { readWav } from "../../src/simulator/media/wav.ts";
import { form, mediaCalls, wav } from "./support/media-calls.ts";
import { at } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, billed } = mediaCalls(simulator);

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
