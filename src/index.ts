/**
 * Switchyard as a library: the same gateway that the MCP server serves, opened over the same data directory.
 *
 * ```ts
 * import { openSwitchyard } from "switchyard-mcp";
 *
 * const { AI, close } = await openSwitchyard();
 * const answer = await AI.run("openai/gpt-5.4-mini", "What is a switchyard?");
 * console.log(answer.output.text, answer.cost.total);
 * await close();
 * ```
 */
import { tools } from "../tools/index.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { readEnvironment } from "./config/environment.ts";
import { openSettingsFile } from "./config/settings-file.ts";
import { type Caller, type CallOptions, localCaller } from "./core/caller.ts";
import type { Gateway } from "./gateway.ts";
import type { InferArgs } from "./infer/request.ts";
import type { InferResult } from "./infer/result.ts";
import { openGateway } from "./open-gateway.ts";
import { aiRunArguments } from "./sandbox-host.ts";
import type { Tool } from "./tool.ts";

/** A prompt, a conversation, or any fields of `infer` but the model. */
export type AiInput = string | NonNullable<InferArgs["messages"]> | Omit<InferArgs, "model">;
export type AiOptions = Partial<Omit<InferArgs, "model" | "prompt" | "messages">> & { readonly signal?: AbortSignal };

export interface Ai {
  /** Calls a model and resolves with its whole answer. @throws SwitchyardError with a stable `code` and what to do next. */
  run(model: string, input: AiInput, options?: AiOptions): Promise<InferResult>;
}

export interface Switchyard {
  readonly AI: Ai;
  readonly gateway: Gateway;
  close(): Promise<void>;
}

export interface SwitchyardOptions {
  /** Where everything is kept; by default what `SWITCHYARD_HOME` or the platform says. */
  readonly dataDirectory?: string;
  /** On whose behalf calls run; by default the local user, with every right. */
  readonly caller?: Caller;
}

/** Opens Switchyard in this process. Other processes, servers among them, may have the same data directory open. */
export async function openSwitchyard(options: SwitchyardOptions = {}): Promise<Switchyard> {
  const environment = readEnvironment();
  const dataDirectory = options.dataDirectory ?? environment.dataDirectory;
  const settings = await openSettingsFile(dataDirectory).read();
  const gateway = await openGateway({ dataDirectory, settings, tools, environment: environment.get });
  const caller = options.caller ?? localCaller;
  const infer = tools.find((tool): tool is Tool => tool.name === "infer");
  if (!infer) throw new Error("there is no infer tool");
  return {
    gateway,
    close: () => gateway.close(),
    AI: {
      run(model, input, { signal, ...fields } = {}) {
        const args = parseArguments(infer, aiRunArguments([model, input, fields])) as InferArgs;
        return gateway.infer.run(args, caller, { signal });
      },
    },
  };
}

export { SwitchyardError } from "./core/errors.ts";
export type { Caller, CallOptions, Gateway, InferArgs, InferResult };
