import { GoogleGenAI } from "@google/genai";
import { describe, expect, test } from "vitest";
import { hearAudio, makeAudio } from "../../src/simulator/media/audio.ts";
import { readImage } from "../../src/simulator/media/image.ts";
import { readMp4 } from "../../src/simulator/media/mp4.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function client(): GoogleGenAI {
  const baseUrl = simulator()
    .baseUrl("google")
    .replace(/\/v1beta$/, "");
  return new GoogleGenAI({ apiKey: simulator().apiKey("google"), httpOptions: { baseUrl, apiVersion: "v1beta" } });
}

describe("images by generateContent", () => {
  test("are made in the shape asked for and billed by their own tokens", async () => {
    const made = await client().models.generateContent({
      model: "gemini-3.1-flash-image",
      contents: "a red kite",
      config: { responseModalities: ["IMAGE"], imageConfig: { aspectRatio: "16:9", imageSize: "1K" } },
    });
    const part = made.candidates?.[0]?.content?.parts?.[0];
    const image = readImage(Buffer.from(part?.inlineData?.data ?? "", "base64"));
    expect((image?.width ?? 0) / (image?.height ?? 1)).toBeCloseTo(16 / 9, 1);
    expect(made.usageMetadata?.candidatesTokensDetails).toEqual([{ modality: "IMAGE", tokenCount: 1_120 }]);
  });

  test("show a draft among the thoughts, and only a word where nothing could be drawn", async () => {
    const draft = await client().models.generateContent({
      model: "gemini-3-pro-image",
      contents: "a kite",
      config: { thinkingConfig: { includeThoughts: true } },
    });
    expect(draft.candidates?.[0]?.content?.parts?.map(({ thought }) => thought ?? false)).toEqual([true, false]);
    const refused = await client().models.generateContent({ model: "gemini-3.1-flash-image", contents: "refuse" });
    expect(refused.candidates?.[0]).toMatchObject({
      finishReason: "IMAGE_SAFETY",
      content: { parts: [{ text: expect.any(String) }] },
    });
  });

  test.each<[string, object]>([
    ["several candidates", { candidateCount: 2 }],
    ["sound", { responseModalities: ["AUDIO"] }],
    ["an unknown ratio", { imageConfig: { aspectRatio: "7:3" } }],
    ["a small k", { imageConfig: { imageSize: "1k" } }],
  ])("refuse %s", async (_what, config) => {
    await expect(
      client().models.generateContent({ model: "gemini-3-pro-image", contents: "x", config }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe("speech by generateContent", () => {
  const speechConfig = { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } };

  test("is headerless PCM on older models, and a WAV on the newest when asked for", async () => {
    const old = await client().models.generateContent({
      model: "gemini-2.5-flash-preview-tts",
      contents: "Hello there",
      config: { responseModalities: ["AUDIO"], speechConfig },
    });
    const pcm = old.candidates?.[0]?.content?.parts?.[0]?.inlineData;
    expect(pcm?.mimeType).toBe("audio/L16;codec=pcm;rate=24000");
    expect(Buffer.from(pcm?.data ?? "", "base64")).toHaveLength(24_000 * 2);
    const response = await fetch(`${simulator().baseUrl("google")}/models/gemini-3.8-flash-tts:generateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": simulator().apiKey("google") },
      body: JSON.stringify({
        contents: [{ role: "user", parts: [{ text: "Hello there", speechMetadata: { style: "cheerful" } }] }],
        generationConfig: {
          responseModalities: ["AUDIO"],
          responseFormat: { audio: { mimeType: "AUDIO_WAV" } },
          speechConfig,
        },
      }),
    });
    const body = (await response.json()) as {
      candidates: { content: { parts: { inlineData: { data: string } }[] } }[];
    };
    const wav = Buffer.from(body.candidates[0]?.content.parts[0]?.inlineData.data ?? "", "base64");
    expect(hearAudio(wav)).toMatchObject({ spoken: "Hello there", seconds: 1 });
  });

  test.each<[string, object]>([
    ["a system instruction", { responseModalities: ["AUDIO"], systemInstruction: "x" }],
    ["text", { responseModalities: ["TEXT"] }],
    [
      "one speaker of two",
      {
        responseModalities: ["AUDIO"],
        speechConfig: { multiSpeakerVoiceConfig: { speakerVoiceConfigs: [{ speaker: "A", ...speechConfig }] } },
      },
    ],
  ])("refuses %s", async (_what, config) => {
    await expect(
      client().models.generateContent({ model: "gemini-3.1-flash-tts-preview", contents: "x", config }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe("Interactions through @google/genai", () => {
  // The SDK's types for these are wide; the fields asserted are those of the API's documents.
  const interactions = () => client().interactions;
  const create = async (body: object) =>
    (await interactions().create(body as never, { maxRetries: 0 })) as unknown as Record<string, unknown>;

  test("answer text, whole and streamed, and go on from the one before", async () => {
    const first = await create({ model: "gemini-3.8-flash", input: "Hello there" });
    expect(first).toMatchObject({ status: "completed", usage: { total_thought_tokens: 16 } });
    expect((first.steps as { type: string }[]).map(({ type }) => type)).toEqual(["thought", "model_output"]);
    const second = await create({ model: "gemini-3.8-flash", input: "And now?", previous_interaction_id: first.id });
    expect((second.usage as { total_input_tokens: number }).total_input_tokens).toBeGreaterThan(
      (first.usage as { total_input_tokens: number }).total_input_tokens,
    );
    const events: Record<string, unknown>[] = [];
    const stream = (await interactions().create({
      model: "gemini-3.8-flash",
      input: "say 20 words",
      stream: true,
    } as never)) as unknown as AsyncIterable<Record<string, unknown>>;
    for await (const event of stream) events.push(event);
    expect(events[0]).toMatchObject({ event_type: "interaction.created" });
    expect(events.at(-1)).toMatchObject({
      event_type: "interaction.completed",
      interaction: { status: "completed", usage: expect.anything() },
    });
    const text = events
      .flatMap(({ delta }) =>
        (delta as { type?: string } | undefined)?.type === "text" ? [(delta as { text: string }).text] : [],
      )
      .join("");
    expect(text).toMatch(/^\[simulated google\/gemini-3\.8-flash\] alpha beta/);
  });

  test("keep their signatures through a tool loop", async () => {
    const tools = [{ type: "function", name: "now", parameters: { type: "object", properties: {} } }];
    const asked = { model: "gemini-3.8-flash", tools, store: false };
    const user = { type: "user_input", content: [{ type: "text", text: "call now" }] };
    const first = await create({ ...asked, input: [user] });
    expect(first.status).toBe("requires_action");
    const steps = first.steps as { type: string; id?: string }[];
    const call = steps.find(({ type }) => type === "function_call");
    const result = {
      type: "user_input",
      content: [{ type: "function_result", call_id: call?.id, name: "now", result: "noon" }],
    };
    const second = await create({ ...asked, input: [user, ...steps, result] });
    expect(JSON.stringify(second.steps)).toContain("now returned: noon");
    await expect(create({ ...asked, input: [user, call, result] })).rejects.toThrow(/missing its thought signature/);
    const altered = steps.map((step) => (step.type === "thought" ? { ...step, signature: "AAAA" } : step));
    await expect(create({ ...asked, input: [user, ...altered, result] })).rejects.toThrow(/not valid/);
  });

  test("write down what is said, word by word", async () => {
    const data = makeAudio(2, "Hello there", "wav").toString("base64");
    const mode = { type: "verbatim", diarization_mode: "speaker", timestamp_granularities: ["word"] };
    const made = await create({
      model: "gemini-3.5-transcribe",
      input: [{ type: "audio", data, mime_type: "audio/wav" }],
      generation_config: { transcription_config: { language_codes: ["en-US"], mode } },
      store: false,
    });
    expect(made.steps).toMatchObject([
      {
        content: [
          {
            text: "Hello there",
            annotations: [
              { type: "word_info", text: "Hello", start_offset: "0s", end_offset: "1s" },
              { text: "there" },
            ],
          },
        ],
      },
    ]);
  });

  test("film in the background, and hand out a link that wants the key and runs out", async () => {
    const started = await create({
      model: "gemini-omni-1.1-flash",
      input: [{ type: "text", text: "a fox runs in snow" }],
      response_format: { type: "video", aspect_ratio: "9:16", resolution: "720p", duration: "4s", delivery: "uri" },
      background: true,
    });
    expect(started.status).toBe("in_progress");
    const poll = async () => (await interactions().get(started.id as string)) as unknown as Record<string, unknown>;
    expect((await poll()).status).toBe("in_progress");
    expect((await poll()).status).toBe("in_progress");
    const ended = await poll();
    expect(ended.status).toBe("completed");
    const [step] = ended.steps as { content: { uri: string }[] }[];
    const uri = step?.content[0]?.uri ?? "";
    expect((await fetch(uri)).status).toBe(403);
    const headers = { "x-goog-api-key": simulator().apiKey("google") };
    const film = Buffer.from(await (await fetch(uri, { headers })).arrayBuffer());
    expect(readMp4(film)).toMatchObject({ height: 1_280, seconds: 4 });
    simulator().files.expire();
    expect((await fetch(uri, { headers })).status).toBe(404);
    await simulator().book.idle();
    expect(simulator().book.totals("google").billed).toMatchObject({ seconds: 4, outputTokens: 4_000 });
  });

  test("that are cancelled are not billed, and those that fail are not either", async () => {
    const film = (text: string) => create({ model: "gemini-omni-1.2-flash", input: text, background: true });
    const started = await film("a fox");
    expect(await interactions().cancel(started.id as string)).toMatchObject({ status: "cancelled" });
    const failing = await film("fail this job");
    for (let polls = 0; polls < 3; polls += 1) await interactions().get(failing.id as string);
    expect(await interactions().get(failing.id as string)).toMatchObject({ status: "failed" });
    await simulator().book.idle();
    expect(simulator().book.totals("google").billed.seconds).toBe(0);
  });

  test.each<[string, object, number]>([
    ["an unknown field", { model: "gemini-3.8-flash", input: "x", messages: [] }, 400],
    ["no model", { input: "x" }, 400],
    ["an unknown model", { model: "gemini-nope", input: "x" }, 404],
    [
      "a film that is too long",
      { model: "gemini-omni-1.1-flash", input: "x", response_format: { type: "video", duration: "11s" } },
      400,
    ],
    [
      "a task without its image",
      { model: "gemini-omni-1.1-flash", input: "x", generation_config: { video_config: { task: "image_to_video" } } },
      400,
    ],
    [
      "a background that is not stored",
      { model: "gemini-omni-1.1-flash", input: "x", background: true, store: false },
      400,
    ],
    [
      "an interaction before that is not there",
      { model: "gemini-3.8-flash", input: "x", previous_interaction_id: "v1_x" },
      404,
    ],
  ])("refuse %s", async (_what, body, status) => {
    const response = await fetch(`${simulator().baseUrl("google")}/interactions`, {
      method: "POST",
      headers: { "x-goog-api-key": simulator().apiKey("google") },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
  });

  test("a film by generateContent is not found", async () => {
    await expect(
      client().models.generateContent({ model: "gemini-omni-1.1-flash", contents: "x" }),
    ).rejects.toMatchObject({ status: 404 });
  });
});
