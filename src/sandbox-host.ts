import { parseArguments } from "./arguments/parse-arguments.ts";
import type { Access, Caller, Rights } from "./core/caller.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import { artifactLimits, sandboxLimits } from "./core/limits.ts";
import { formatUsd, type NanoUsd, parseUsd } from "./core/money.ts";
import type { Gateway } from "./gateway.ts";
import type { InferArgs } from "./infer/request.ts";
import { errorOfResult, type InferResult } from "./infer/result.ts";
import type { ExecArgs } from "./sandbox/exec-args.ts";
import type { SandboxHost } from "./sandbox/host.ts";
import type { Tool } from "./tool.ts";

/** Tools whose names are globals of the guest as they stand: `memory.recall(args)`, `artifact.commit(args)`. */
const bound = /^(memory|artifact)\./;

/**
 * What code in the sandbox may call: the same tools, checked by the same schemas, under the caller's rights narrowed
 * by the call's `allow`, with the run's cancellation. `infer` is `AI.run(model, input, options)` there. `budgetScope`
 * names the run: `allow.max_cost` bounds all that its calls and its CPU time spend together.
 */
export function sandboxHost(
  gateway: Gateway,
  tools: readonly Tool[],
  { allow }: ExecArgs,
  caller: Caller,
  budgetScope: string,
  pricePerCpuSecond: NanoUsd,
): SandboxHost {
  const inside: Caller = { ...caller, rights: narrow(caller.rights, allow) };
  const budget = allow?.max_cost === undefined ? {} : { budget: { scope: budgetScope, limit: allow.max_cost } };
  const byName = new Map(tools.filter((tool) => bound.test(tool.name)).map((tool) => [tool.name, tool]));
  const infer = tools.find((tool) => tool.name === "infer");
  if (infer) byName.set("AI.run", infer);
  const names = [...byName.keys()];
  let spent = 0n;

  async function meterCpu(worstMs: number) {
    const worst = cpuCost(pricePerCpuSecond, worstMs);
    const limit = allow?.max_cost;
    const hold = await gateway.credits.reserve({
      caller,
      charge: { tool: "sandbox.exec" },
      amount: worst,
      ...(limit === undefined ? {} : { budget: { scope: budgetScope, limit: parseUsd(limit, "allow.max_cost") } }),
      dispatched: true,
    });
    return async (usedMs: number) => {
      const used = cpuCost(pricePerCpuSecond, usedMs);
      const actual = used < worst ? used : worst;
      await gateway.credits.settle(hold.id, { actual });
      spent += actual;
    };
  }

  return {
    names,
    ...(pricePerCpuSecond === 0n ? {} : { meterCpu }),
    cost: () => formatUsd(spent),
    loadModules: (repo, ref, { signal }) => modulesOf(gateway, inside, repo, ref, signal),
    async call(name, args, { signal, onChunk }) {
      const tool = byName.get(name);
      if (!tool)
        throw new SwitchyardError("not_found", `there is no ${name} in the sandbox`, {
          next: `There are ${names.join(", ")}`,
        });
      const asked = tool === infer ? { ...aiRunArguments(args), ...budget } : (args[0] ?? {});
      try {
        const checked = parseArguments(tool, asked);
        const result =
          tool === infer && onChunk
            ? await streamed(gateway, checked as InferArgs, inside, signal, onChunk)
            : await tool.handle(checked, { gateway, caller: inside, signal });
        if (tool === infer) spent += costOf((result as { cost?: { total?: unknown } }).cost?.total);
        return result as Json;
      } catch (error) {
        // A call that failed may have delivered something that is paid for.
        if (tool === infer && error instanceof SwitchyardError) spent += costOf(error.details.cost);
        throw error;
      }
    },
  };
}

/** Rounded up to a nano-dollar. */
function cpuCost(pricePerSecond: NanoUsd, ms: number): NanoUsd {
  return (pricePerSecond * BigInt(Math.ceil(ms * 1_000)) + 999_999n) / 1_000_000n;
}

function costOf(total: unknown): NanoUsd {
  return typeof total === "string" ? parseUsd(total) : 0n;
}

const moduleFiles = "**/*.{js,mjs,ts,mts,json}";

/** Every module of an artifact at one commit, page by page. */
async function modulesOf(
  gateway: Gateway,
  caller: Caller,
  repo: string,
  ref: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const modules: Record<string, string> = {};
  const limit = artifactLimits.checkoutEntriesMax;
  let cursor: string | undefined;
  do {
    const page = await gateway.artifacts.checkout({ repo, ref, glob: moduleFiles, limit, cursor }, caller, { signal });
    for (const [path, shown] of Object.entries(page.files)) {
      // What did not fit on the page is whole when it is asked for by itself.
      const only = { repo, ref: page.commit, path };
      const file = shown.truncated ? (await gateway.artifacts.checkout(only, caller, { signal })).files[path] : shown;
      if (file?.truncated) {
        throw new SwitchyardError("too_large", `the module ${path} of ${repo} is too large to import`, {
          next: "Read it with artifact.checkout, or import a smaller one",
        });
      }
      if (file?.text !== undefined) modules[path] = file.text;
    }
    if (Object.keys(modules).length > sandboxLimits.filesMax) {
      throw new SwitchyardError("too_large", `${repo} holds more than ${sandboxLimits.filesMax} modules`, {
        next: "Import from an artifact with fewer files, or pass the modules in files",
      });
    }
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return modules;
}

/** The pieces of the text as they come, then the whole result. */
async function streamed(
  gateway: Gateway,
  args: InferArgs,
  caller: Caller,
  signal: AbortSignal,
  onChunk: (chunk: Json) => void,
): Promise<InferResult> {
  const generation = await gateway.infer.start(args, caller, { signal });
  for await (const { event } of generation.read(0, signal)) {
    if (event.type === "text" || event.type === "reasoning") onChunk({ type: event.type, text: event.text });
  }
  const result = await generation.done;
  if (result.status === "failed" || result.status === "cancelled") throw errorOfResult(result);
  return result;
}

/** `AI.run(model, input, options)`: input is a prompt, messages, or the fields of `infer`. */
export function aiRunArguments([model, input, options]: readonly unknown[]): Record<string, unknown> {
  const asked = typeof input === "string" ? { prompt: input } : Array.isArray(input) ? { messages: input } : input;
  // How the answer is handed over, not what is asked of the model.
  const { stream: _stream, ...rest } = (options ?? {}) as { stream?: unknown };
  return { ...(asked as object), ...rest, model };
}

const order: readonly Access[] = ["none", "read", "write"];

function narrow(rights: Rights, allow: ExecArgs["allow"]): Rights {
  const least = (has: Access, asked: Access | undefined): Access =>
    asked === undefined || order.indexOf(has) < order.indexOf(asked) ? has : asked;
  const models = intersection(rights.models, allow?.models);
  return {
    ...rights,
    ...(models === undefined ? {} : { models }),
    memory: least(rights.memory, allow?.memory),
    artifacts: least(rights.artifacts, allow?.artifacts),
    // Code does not start code.
    sandbox: false,
  };
}

/** The patterns that both lists admit; an absent list admits everything. */
function intersection(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return [...a.filter((pattern) => covers(b, pattern)), ...b.filter((pattern) => covers(a, pattern))];
}

function covers(list: readonly string[], pattern: string): boolean {
  return list.some((wide) => (wide.endsWith("*") ? pattern.startsWith(wide.slice(0, -1)) : wide === pattern));
}
