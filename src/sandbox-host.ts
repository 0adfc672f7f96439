import type { Access, Caller, Rights } from "./core/caller.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { Json } from "./core/json.ts";
import type { Gateway } from "./gateway.ts";
import type { ExecArgs, SandboxHost } from "./sandbox/sandbox.ts";
import type { Tool } from "./tool.ts";
import { parseToolArguments } from "./tool-arguments.ts";

/** Tools whose names are globals of the guest as they stand: `memory.recall(args)`, `artifact.commit(args)`. */
const bound = /^(memory|artifact)\./;

/**
 * What code in the sandbox may call: the same tools, checked by the same schemas, under the caller's rights narrowed
 * by the call's `allow`, with the run's cancellation. `infer` is `AI.run(model, input, options)` there.
 */
export function sandboxHost(gateway: Gateway, tools: readonly Tool[], exec: ExecArgs, caller: Caller): SandboxHost {
  const { allow } = exec;
  const inside: Caller = { ...caller, rights: narrow(caller.rights, allow) };
  const byName = new Map(tools.filter((tool) => bound.test(tool.name)).map((tool) => [tool.name, tool]));
  const infer = tools.find((tool) => tool.name === "infer");
  if (infer) byName.set("AI.run", infer);
  const names = [...byName.keys()];
  return {
    names,
    async call(name, args, { signal }) {
      const tool = byName.get(name);
      if (!tool)
        throw new SwitchyardError("not_found", `there is no ${name} in the sandbox`, {
          next: `There are ${names.join(", ")}`,
        });
      const asked = tool === infer ? aiRunArguments(args, allow?.max_cost) : (args[0] ?? {});
      return (await tool.handle(parseToolArguments(tool, asked), { gateway, caller: inside, signal })) as Json;
    },
  };
}

/** `AI.run(model, input, options)`: input is a prompt, messages, or the fields of `infer`. */
export function aiRunArguments([model, input, options]: readonly unknown[], maxCost?: string): unknown {
  const asked = typeof input === "string" ? { prompt: input } : Array.isArray(input) ? { messages: input } : input;
  return {
    ...(maxCost === undefined ? {} : { max_cost: maxCost }),
    ...(asked as object),
    ...(options as object | undefined),
    model,
  };
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
