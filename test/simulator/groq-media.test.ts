import Groq, { toFile } from "groq-sdk";
import { describe, expect, test } from "vitest";
import { mediaCalls, wav } from "./support/media-calls.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { billed } = mediaCalls(simulator);

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
