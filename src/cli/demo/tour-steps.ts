import { formatUsd, parseUsd } from "../../core/money.ts";
import { makeAudio } from "../../simulator/media/audio.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import type { Host } from "./host.ts";
import { expect, type Stage } from "./stage.ts";
import { tour } from "./tour.data.ts";

/** What a call to a model without a listed price may cost, and then costs. */
const unpricedMaxCost = "0.01";
const spoken = "The launch is on Thursday at nine.";

/** The same shape of call for every task: what changes is what is asked for. */
const asked: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  text: () => ({ prompt: "In one sentence: what is a switchyard?" }),
  image: () => ({ prompt: "A switchyard at dawn" }),
  video: () => ({ prompt: "A train leaves a switchyard" }),
  speech: () => ({ prompt: spoken }),
  transcription: () => ({ params: { audio: { data: makeAudio(1, spoken, "wav", 8_000).toString("base64") } } }),
  music: () => ({ prompt: "Calm, for a night shift", params: { instrumental: true } }),
  embedding: () => ({ params: { input: "a switchyard" } }),
  moderation: () => ({ params: { input: "be kind" } }),
  rerank: () => ({ prompt: "trains", params: { documents: ["a pear", "a locomotive"] } }),
};

interface Answer {
  readonly status: string;
  readonly output: Readonly<Record<string, unknown>>;
  readonly cost: { readonly total: string };
  readonly error?: { readonly message: string };
}

interface Found {
  readonly models: readonly { readonly id: string; readonly price: unknown }[];
  readonly next_cursor?: string;
}

/** Every provider, each of its tasks, by changing `model`: all at the same time, and paid to the nano-dollar. */
export async function tourSteps(stage: Stage, host: Host, simulator: Simulator): Promise<void> {
  await stage.step("infer, at every provider, in every modality, by changing `model`", async () => {
    // Simulated jobs are done when they are first asked about.
    simulator.jobs.set({ queuedPolls: 0, runningPolls: 0 });
    const before = await available(host);
    const usable = await usableModels(host);
    const lines = await Promise.all(
      Object.entries(tour).map(async ([provider, models]) => {
        const parts: { readonly task: string; readonly cost: string }[] = [];
        for (const [task, name] of models) {
          const part = await one(host, `${provider}/${name}`, task, usable);
          if (part) parts.push(part);
        }
        return { provider, parts };
      }),
    );
    const total = lines.flatMap(({ parts }) => parts).reduce((sum, { cost }) => sum + parseUsd(cost), 0n);
    const spent = before - (await available(host));
    expect(spent === total, `the pool went down by $${formatUsd(spent)}, the calls cost $${formatUsd(total)}`);
    const says = lines.map(
      ({ provider, parts }) =>
        `${provider.padEnd(10)} ${parts.map(({ task, cost }) => `${task} $${cost}`).join(" · ")}`,
    );
    return { says, cost: formatUsd(total) };
  });
}

/** Undefined where the model has ended since this was written. */
async function one(host: Host, model: string, task: string, usable: ReadonlyMap<string, boolean>) {
  const isPriced = usable.get(model);
  if (isPriced === undefined) return undefined;
  const limits = isPriced ? {} : { max_cost: unpricedMaxCost };
  const answer = (await host.call("infer", { model, ...asked[task]?.(), ...limits })) as unknown as Answer;
  expect(answer.status === "succeeded", `${model} ${answer.status}: ${answer.error?.message}`);
  expect(
    Object.values(answer.output).some((made) => (Array.isArray(made) ? made.length > 0 : Boolean(made))),
    `${model} gave nothing`,
  );
  return { task, cost: answer.cost.total };
}

/** Models that can be called, and whether their price is known. */
async function usableModels(host: Host): Promise<Map<string, boolean>> {
  const usable = new Map<string, boolean>();
  let cursor: string | undefined;
  do {
    const page = (await host.call("models", {
      usable: true,
      limit: 100,
      ...(cursor && { cursor }),
    })) as unknown as Found;
    for (const { id, price } of page.models) usable.set(id, price !== null);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return usable;
}

async function available(host: Host): Promise<bigint> {
  return parseUsd(((await host.call("credits", {})) as { available: string }).available);
}
