import { formatUsd, parseUsd } from "../../core/money.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import type { Host } from "./host.ts";
import { expect, type Stage } from "./stage.ts";

/** What the steps read of results. The server's own tests hold the whole shapes; the demo shows them to a person. */
interface Answer {
  readonly output: { readonly text?: string };
  readonly model: string;
  readonly cost: { readonly total: string };
  readonly attempts: readonly { readonly model: string; readonly outcome: string; readonly error?: string }[];
}

export const models = ["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5", "google/gemini-3.5-flash"] as const;
const question = "In one sentence: what is a switchyard?";

async function ask(host: Host, model: string, prompt: string, more: Record<string, unknown> = {}): Promise<Answer> {
  return (await host.call("infer", { model, prompt, ...more })) as unknown as Answer;
}

async function available(host: Host): Promise<bigint> {
  const { available: text, held } = (await host.call("credits", {})) as { available: string; held: string };
  expect(parseUsd(held) === 0n, `$${held} is still held although nothing runs`);
  return parseUsd(text);
}

/** The same prompt to three providers by changing one line, and the pool going down by exactly what they cost. */
export async function inferSteps(stage: Stage, host: Host): Promise<void> {
  let before = 0n;
  let spent = 0n;
  await stage.step("look at the pool", async () => {
    before = await available(host);
    return { says: [`$${formatUsd(before)} available`] };
  });
  for (const model of models) {
    await stage.step(`infer { model: "${model}" }`, async () => {
      const answer = await ask(host, model, question);
      expect((answer.output.text ?? "") !== "", "the answer is empty");
      spent += parseUsd(answer.cost.total);
      return { says: [`“${answer.output.text}”`], cost: answer.cost.total };
    });
  }
  await stage.step("the pool went down by exactly that, to the nano-dollar", async () => {
    const after = await available(host);
    expect(
      before - after === spent,
      `it went down by $${formatUsd(before - after)}, the calls cost $${formatUsd(spent)}`,
    );
    return { says: [`$${formatUsd(before)} − $${formatUsd(spent)} = $${formatUsd(after)}`] };
  });
}

/** Upstream failures that the caller does not see, but in the list of attempts. */
export async function failoverSteps(stage: Stage, host: Host, simulator: Simulator): Promise<void> {
  await stage.step("OpenAI (simulated) answers 429 once: retried, answered, paid once", async () => {
    simulator.faults.script([
      { provider: "openai", fault: { kind: "rate_limited", afterMs: 50, retry: "milliseconds" } },
    ]);
    return absorbed(await ask(host, models[0], question), models[0]);
  });
  await stage.step("Anthropic (simulated) is overloaded for good: another provider answers", async () => {
    simulator.faults.script([{ provider: "anthropic", fault: { kind: "overloaded" }, times: 3 }]);
    const answer = await ask(host, models[1], question, { fallbacks: [models[2]] });
    simulator.faults.clear();
    return absorbed(answer, models[2]);
  });
}

function absorbed(answer: Answer, by: string) {
  expect(answer.model === by, `${answer.model} answered, not ${by}`);
  expect(answer.attempts.length > 1, "there was no failed attempt");
  return {
    says: answer.attempts.map(
      ({ model, outcome, error }) => `${model}: ${outcome}${error === undefined ? "" : ` (${error})`}`,
    ),
    cost: answer.cost.total,
  };
}

export const fact = "The launch is on Thursday at nine, in the small hall.";

export const memorySteps = {
  async remember(stage: Stage, host: Host): Promise<string> {
    await stage.step("memory.remember", async () => {
      const { memories } = (await host.call("memory_remember", { content: fact, kind: "fact", key: "launch" })) as {
        memories: { id: string; status: string }[];
      };
      expect(memories[0]?.status === "created", `it was ${memories[0]?.status}`);
      return { says: [`kept as ${memories[0]?.id}`] };
    });
    return fact;
  },
  async recall(stage: Stage, host: Host, remembered: string): Promise<void> {
    await stage.step("memory.recall in a new server process", async () => {
      const { memories } = (await host.call("memory_recall", { query: "when is the launch?" })) as {
        memories: { content: string }[];
      };
      expect(memories[0]?.content === remembered, "it was not found");
      return { says: [`“${memories[0]?.content}”`] };
    });
  },
};

/** A module that programs import from an artifact. */
const moduleText = `export function section(model: string, text: string): string {
  return "## " + model + "\\n\\n" + text + "\\n";
}
`;

const code = `
import { section } from "./report.ts";
const models: string[] = ${JSON.stringify(models)};
const answers = await Promise.all(models.map((model) => AI.run(model, "Name one virtue of model " + model)));
const { memories } = await memory.recall({ query: "when is the launch?", limit: 1 });
const sections = answers.map((answer, at) => section(models[at], answer.output.text));
const report = [...sections, section("memory", memories[0]?.content ?? "nothing")].join("\\n");
const { commit } = await artifact.commit({ repo: "demo", files: { "report.md": report }, message: "Report of three models" });
({ commit, cost: answers.reduce((sum, answer) => sum + Number(answer.cost.total), 0).toFixed(9) })
`;

/** Code that a model could have written: three models in parallel, what is remembered, and a commit of it all. */
export async function sandboxSteps(stage: Stage, host: Host, simulator: Simulator): Promise<void> {
  await stage.step("artifact.commit: a module for programs to import", async () => {
    const { commit } = (await host.call("artifact_commit", {
      repo: "helpers",
      files: { "report.ts": moduleText },
      message: "Sections of a report",
    })) as { commit: string };
    return { says: [`report.ts in helpers, ${commit.slice(0, 10)}`] };
  });
  await stage.step(
    "sandbox.exec: TypeScript imports it, calls three models in parallel, recalls and commits",
    async () => {
      simulator.book.clear();
      // Long enough that calls which are made together overlap on a busy machine too.
      simulator.latency.set({ headersMs: 500 });
      const run = (await host.call("sandbox_exec", { code, language: "typescript", from: { repo: "helpers" } })) as {
        status: string;
        result?: { commit: string; cost: string };
        error?: { message: string };
      };
      expect(run.status === "ok", `it ended with ${run.status}: ${run.error?.message}`);
      simulator.latency.set({ headersMs: 0 });
      const { concurrentMax } = simulator.book.totals();
      expect(concurrentMax >= 3, `only ${concurrentMax} ran at the same time`);
      return {
        says: [`commit ${run.result?.commit}`, `${concurrentMax} upstream calls at the same time`],
        cost: run.result?.cost,
      };
    },
  );
}
