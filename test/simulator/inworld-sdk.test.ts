import { InworldTTS } from "@inworld/tts";
import { describe, expect, test } from "vitest";
import { hearAudio } from "../../src/simulator/media/audio.ts";
import { readWav } from "../../src/simulator/media/wav.ts";
import { mediaCalls } from "./support/media-calls.ts";
import { at } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();
const { post, billed } = mediaCalls(simulator);

describe("Inworld through the @inworld/tts SDK", () => {
  const inworld = (apiKey = simulator().apiKey("inworld")) =>
    InworldTTS({ apiKey, baseUrl: simulator().baseUrl("inworld"), maxRetries: 0 });

  test("speaks a whole clip, and streams it", async () => {
    const whole = Buffer.from(
      await inworld().generate({ text: "Hello from Inworld", voice: "Dennis", encoding: "WAV" }),
    );
    expect(hearAudio(whole)?.seconds).toBeGreaterThan(0);
    let bytes = 0;
    for await (const chunk of inworld().stream({ text: "Hello from Inworld", voice: "Dennis", encoding: "MP3" }))
      bytes += chunk.length;
    expect(bytes).toBeGreaterThan(100);
    expect((await billed("inworld")).characters).toBe(36);
  });

  test("says the times of words", async () => {
    const made = await inworld().generateWithTimestamps({
      text: "Hello there",
      voice: "Dennis",
      timestampType: "WORD",
    });
    expect(made.timestamps?.wordAlignment?.words).toEqual(["Hello", "there"]);
  });

  test("streams lines of JSON, each piece of LINEAR16 with a header of 44 bytes", async () => {
    const body = {
      text: "one two three four",
      voice_id: "Dennis",
      model_id: "inworld-tts-2",
      audio_config: { audio_encoding: "LINEAR16", sample_rate_hertz: 16_000 },
    };
    const streamed = await post("inworld", "/tts/v1/voice:stream", body);
    const lines = streamed.bytes
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const wav = Buffer.from(String(at(line, "result.audioContent")), "base64");
      expect(readWav(wav)?.sampleRate).toBe(16_000);
      expect(wav.indexOf("data")).toBe(36);
    }
    expect(
      lines.reduce<number>((sum, line) => sum + Number(at(line, "result.usage.processedCharactersCount")), 0),
    ).toBe(18);
    simulator().faults.script([{ fault: { kind: "error_event", afterEvents: 1, failure: "server_error" } }]);
    const failed = await post("inworld", "/tts/v1/voice:stream", body);
    expect(JSON.parse(failed.bytes.toString().trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      error: { code: 13 },
    });
  });

  test.each<[string, object, number, number]>([
    ["2,001 characters", { text: "x".repeat(2_001) }, 400, 3],
    ["an unknown voice", { voiceId: "Kore" }, 404, 5],
    ["a delivery mode on an older model", { modelId: "inworld-tts-1.5-max", deliveryMode: "STABLE" }, 400, 3],
    ["telephony at another rate", { audioConfig: { audioEncoding: "MULAW", sampleRateHertz: 16_000 } }, 400, 3],
    ["a bit rate without compression", { audioConfig: { audioEncoding: "PCM", bitRate: 64_000 } }, 400, 3],
    ["an unknown field", { speed: 1 }, 400, 3],
  ])("refuses %s with gRPC's codes", async (_what, body, status, code) => {
    const asked = { text: "x", voiceId: "Dennis", modelId: "inworld-tts-2", ...body };
    expect(await post("inworld", "/tts/v1/voice", asked)).toMatchObject({ status, json: { code } });
  });

  test("takes the key as it is, after Basic", async () => {
    await expect(inworld("wrong").generate({ text: "x", voice: "Dennis" })).rejects.toThrow();
  });
});
