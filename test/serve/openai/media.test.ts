import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";
import { connect } from "../support/clients.ts";
import { type MediaUpstream, openMediaUpstream, png, wav } from "../support/media-upstream.ts";

let upstream: MediaUpstream;
let world: ApiWorld;
beforeAll(async () => {
  upstream = await openMediaUpstream();
  world = await openApiWorld({ providers: { openai: { key: "sk-test", base_url: upstream.url } } });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

function client(): OpenAI {
  return new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "key-all", maxRetries: 0 });
}

test("images come as base64, and their cost with them", async () => {
  const made = await client().images.generate({
    model: "gpt-image-2",
    prompt: "A switchyard at dusk",
    n: 2,
    size: "1024x1024",
    quality: "high",
    background: "auto",
  });
  expect(made.data?.map(({ b64_json }) => b64_json)).toEqual([png.toString("base64"), png.toString("base64")]);
  expect(made).toMatchObject({ switchyard: { cost: { total: expect.stringMatching(/^0\.0\d+/) } } });
  expect(upstream.asked.at(-1)).toMatchObject({
    prompt: "A switchyard at dusk",
    n: 2,
    size: "1024x1024",
    quality: "high",
  });
  expect(upstream.asked.at(-1)).not.toHaveProperty("background");
});

test("or as a link that asks for the key, under which they never change and are no page", async () => {
  const made = await client().images.generate({ model: "gpt-image-2", prompt: "x", response_format: "url" });
  const url = made.data?.[0]?.url ?? "";
  expect((await fetch(url)).status).toBe(401);
  const answer = await fetch(url, { headers: { Authorization: "Bearer key-all" } });
  expect(answer.headers.get("content-type")).toBe("image/png");
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(png);
  expect((await fetch(url, { headers: { Authorization: "Bearer key-other" } })).status).toBe(404);
});

test("speech comes as the audio itself", async () => {
  const answer = await client().audio.speech.create({
    model: "gpt-4o-mini-tts",
    input: "Hello there.",
    voice: "alloy",
    response_format: "wav",
  });
  expect(answer.headers.get("content-type")).toBe("audio/wav");
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(wav);
  expect(Number(answer.headers.get("switchyard-cost"))).toBeGreaterThan(0);
  expect(upstream.asked.at(-1)).toMatchObject({ input: "Hello there.", voice: "alloy" });
});

test("a recording is transcribed: as text, with times, as subtitles", async () => {
  const file = new File([wav], "hello.wav", { type: "audio/wav" });
  const asked = { file, model: "whisper-1" };
  const plain = await client().audio.transcriptions.create(asked);
  expect(plain.text).toBe("Hello there.");
  expect(upstream.asked.at(-1)).toMatchObject({ file: wav.toString("base64"), model: "whisper-1" });
  const verbose = await client().audio.transcriptions.create({ ...asked, response_format: "verbose_json" });
  expect(verbose.segments).toMatchObject([
    { id: 0, start: 0, end: 1.5 },
    { id: 1, start: 1.5, end: 3 },
  ]);
  const srt = await client().audio.transcriptions.create({ ...asked, response_format: "srt" });
  expect(srt).toBe("1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:01,500 --> 00:00:03,000\nthere.\n");
  const vtt = await client().audio.transcriptions.create({ ...asked, response_format: "vtt" });
  expect(String(vtt).startsWith("WEBVTT\n\n00:00:00.000 --> ")).toBe(true);
});

test.each([
  ["a form without its file", { model: "whisper-1" }, "file is required"],
  ["a field that cannot be honoured", { model: "whisper-1", stream: "true", file: true }, "stream is not supported"],
])("%s is refused", async (_name, fields, said) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value === true ? new Blob([wav]) : String(value));
  const headers = { Authorization: "Bearer key-all" };
  const answer = await fetch(`${world.url}/v1/audio/transcriptions`, { method: "POST", headers, body: form });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(said);
});

test("a body that is no form is refused", async () => {
  const headers = { Authorization: "Bearer key-all", "Content-Type": "multipart/form-data; boundary=x" };
  const answer = await fetch(`${world.url}/v1/audio/transcriptions`, { method: "POST", headers, body: "nothing" });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("not a form");
});

test("a host sees the pictures of a tool's result, and its handles name them all", async () => {
  await using host = await connect("v2 modern", `${world.url}/mcp`, { Authorization: "Bearer key-all" });
  const result = await host.callTool("infer", { model: "openai/gpt-image-2", prompt: "x", params: { n: 2 } });
  const { output } = result.structuredContent as { output: { images: { blob: string }[] } };
  expect(output.images).toHaveLength(2);
  expect(result.content.filter(({ type }) => type === "image")).toEqual([
    { type: "image", data: png.toString("base64"), mimeType: "image/png" },
    { type: "image", data: png.toString("base64"), mimeType: "image/png" },
  ]);
});
