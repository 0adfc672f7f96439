/**
 * The same call made by a program itself and through the library, in turns in one process: what the pipeline adds where
 * there is no server between. Answers a JSON line with medians of slices.
 */
import { parseArgs } from "node:util";
import { Agent, request } from "undici";
import { openSwitchyard } from "../../src/index.ts";

const { values } = parseArgs({
  options: {
    home: { type: "string", default: "" },
    url: { type: "string", default: "" },
    key: { type: "string", default: "" },
    prompt: { type: "string", default: "" },
    calls: { type: "string", default: "600" },
  },
});
const slices = 12;
const warmup = 600;

interface Slice {
  readonly medianMs: number;
  readonly cpuMs: number;
}

const dispatcher = new Agent();
const { AI, close } = await openSwitchyard({ dataDirectory: values.home });

async function direct(): Promise<void> {
  const { statusCode, body } = await request(`${values.url}/chat/completions`, {
    method: "POST",
    dispatcher,
    headers: { authorization: `Bearer ${values.key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "gpt-5.4-mini",
      messages: [{ role: "user", content: values.prompt }],
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  let read = "";
  for await (const piece of body) read += String(piece);
  if (statusCode !== 200) throw new Error(read.slice(0, 300));
  for (const line of read.split("\n\n")) if (line.startsWith("data: {")) JSON.parse(line.slice("data: ".length));
}

async function ours(): Promise<void> {
  const { output } = await AI.run("openai/gpt-5.4-mini", values.prompt);
  if (!output.text) throw new Error("there was no answer");
}

async function slice(call: () => Promise<void>, calls: number, concurrency: number): Promise<Slice> {
  let left = calls;
  const times: number[] = [];
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left > 0) {
        left -= 1;
        const startedAt = performance.now();
        await call();
        times.push(performance.now() - startedAt);
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { medianMs: median(times), cpuMs: (user + system) / 1_000 / calls };
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

const rows: { concurrency: number; direct: Slice; ours: Slice }[] = [];
for (const call of [direct, ours]) await slice(call, warmup, 1);
for (const concurrency of [1, 16]) {
  const taken = { direct: [] as Slice[], ours: [] as Slice[] };
  const calls = Math.ceil(Number(values.calls) / slices) * (concurrency === 1 ? 1 : 4);
  for (let at = 0; at < slices; at += 1) {
    taken.direct.push(await slice(direct, calls, concurrency));
    taken.ours.push(await slice(ours, calls, concurrency));
  }
  const of = (list: readonly Slice[]) => ({
    medianMs: median(list.map(({ medianMs }) => medianMs)),
    cpuMs: median(list.map(({ cpuMs }) => cpuMs)),
  });
  rows.push({ concurrency, direct: of(taken.direct), ours: of(taken.ours) });
}
await close();
await dispatcher.destroy();
process.stdout.write(`${JSON.stringify(rows)}\n`);
