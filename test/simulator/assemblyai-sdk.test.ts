import { AssemblyAI } from "assemblyai";
import { describe, expect, test } from "vitest";
import { makeAudio } from "../../src/simulator/media/audio.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, billed } = mediaCalls(simulator);

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
