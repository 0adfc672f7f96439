import { openCatalog } from "../../../src/catalog/catalog.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Adapter, WireRequest } from "../../../src/providers/adapter.ts";
import type { WireAnswer } from "../../../src/providers/shapes/wire.ts";
import type { JobAdapter, TaskAdapter, TaskFor, UnaryAdapter } from "../../../src/providers/task-adapter.ts";

/** The day the tests take it to be: what was to end by then has ended. */
const today = "2026-11-22";
const catalog = openCatalog(await shippedRows(), today);

/** A model's card as the catalog ships it, so that prices in a test are the prices that are charged. */
export function shipped(id: string): ModelCard {
  const found = catalog.find(id);
  if (!found) throw new Error(`${id} is not in the catalog`);
  return found;
}

const mediaTasks = ["image", "video", "speech", "transcription", "music"] as const;

/** Models in the catalog for whose task the adapter has nothing, and does not say why. */
export function unansweredModels(adapter: Adapter): string[] {
  return mediaTasks.flatMap((task) =>
    catalog
      .search({ provider: adapter.provider, task })
      .filter(({ status }) => status !== "ended")
      .filter((model) => adapter[task]?.(model as never) === undefined)
      .filter(({ nativeId }) => !Object.hasOwn(adapter.uncallable ?? {}, nativeId))
      .map(({ id }) => id),
  );
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): WireAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(text) };
}

export function raw(body: string | Uint8Array, contentType: string): WireAnswer {
  return { status: 200, headers: { "content-type": contentType }, body: Buffer.from(body) };
}

export function bodyOf(request: WireRequest): unknown {
  return JSON.parse(String(request.body));
}

/** A form as the platform's own parser reads it, files as `name type bytes`, in order. */
export async function formOf(request: WireRequest): Promise<[string, string][]> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(request.body as Uint8Array<ArrayBuffer>, { headers }).formData();
  return Promise.all(
    [...form].map(
      async ([name, value]): Promise<[string, string]> => [
        name,
        typeof value === "string" ? value : `${value.name} ${value.type} ${Buffer.from(await value.arrayBuffer())}`,
      ],
    ),
  );
}

type Doing<Request, Result> = TaskFor<Request, Result> | undefined;

function of<Request, Result>(task: Doing<Request, Result>, model: ModelCard): TaskAdapter<Request, Result> {
  const found = task?.(model);
  if (!found) throw new Error(`nothing does ${model.id}`);
  return found;
}

export function unary<Request, Result>(task: Doing<Request, Result>, model: ModelCard): UnaryAdapter<Request, Result> {
  const found = of(task, model);
  if (found.kind !== "unary") throw new Error(`${model.id} is done by a job`);
  return found;
}

export function job<Request, Result>(task: Doing<Request, Result>, model: ModelCard): JobAdapter<Request, Result> {
  const found = of(task, model);
  if (found.kind !== "job") throw new Error(`${model.id} is done at once`);
  return found;
}

/** One PCM second at 8 kHz as WAV, or as many as asked for. */
export function wav(seconds = 1, sampleRate = 8_000): Buffer {
  const data = Buffer.alloc(Math.round(seconds * sampleRate) * 2);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

export const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
export const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
