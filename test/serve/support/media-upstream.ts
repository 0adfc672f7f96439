import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A picture of one red pixel, and a second of silence. */
export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);
export const wav = Buffer.from("UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=", "base64");

export interface MediaUpstream extends AsyncDisposable {
  readonly url: string;
  /** Bodies as received: JSON parsed, forms as their fields. */
  readonly asked: Record<string, unknown>[];
}

/**
 * OpenAI's media endpoints as its API reference has them, with fixed answers. https://platform.openai.com/docs/api-reference
 */
export async function openMediaUpstream(): Promise<MediaUpstream> {
  const asked: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const fields = await fieldsOf(request);
    asked.push({ path: request.url, ...fields });
    if (request.url?.endsWith("/images/generations")) {
      const data = Array.from({ length: Number(fields.n ?? 1) }, () => ({ b64_json: png.toString("base64") }));
      const usage = { input_tokens: 10, output_tokens: 200, total_tokens: 210 };
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ created: 1, data, output_format: "png", size: "1x1", usage }));
    } else if (request.url?.endsWith("/audio/speech")) {
      response.setHeader("Content-Type", "audio/wav");
      response.end(wav);
    } else if (request.url?.endsWith("/audio/transcriptions")) {
      const segments = [
        { start: 0, end: 1.5, text: " Hello" },
        { start: 1.5, end: 3, text: " there." },
      ];
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ text: "Hello there.", language: "english", duration: 3, segments }));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function fieldsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = new Uint8Array(Buffer.concat(chunks));
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) return JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  const entries = [...form.entries()].map(async ([name, value]) => {
    return [name, typeof value === "string" ? value : Buffer.from(await value.arrayBuffer()).toString("base64")];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<string, unknown>;
}
