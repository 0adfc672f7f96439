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
import type { AiInput, AiOptions, AiResult, ModelId } from "./ai-shapes.ts";
import { type AiChunk, type AiStream, aiStream } from "./ai-stream.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { readEnvironment } from "./config/environment.ts";
import { openSettingsFile } from "./config/settings-file.ts";
import { type Caller, type CallOptions, localCaller } from "./core/caller.ts";
import type { Gateway } from "./gateway.ts";
import type { InferArgs } from "./infer/request.ts";
import { errorOfResult, type InferResult } from "./infer/result.ts";
import { openGateway } from "./open-gateway.ts";
import { aiRunArguments } from "./sandbox-host.ts";
import type { Tool } from "./tool.ts";

export interface Ai {
  /**
   * Calls a model and gives its answer while it is written.
   * @throws SwitchyardError for a call that is wrong; what goes wrong later is thrown by the loop and by `result()`.
   */
  run<const Model extends ModelId>(
    model: Model,
    input: AiInput<Model>,
    options: AiOptions<Model> & { readonly stream: true },
  ): Promise<AiStream<AiResult<Model>>>;
  /**
   * Calls a model and resolves with its whole answer, or with `status: "running"` after `wait_ms` where that is given.
   * @throws SwitchyardError with a stable `code` and what to do next.
   */
  run<const Model extends ModelId>(
    model: Model,
    input: AiInput<Model>,
    options?: AiOptions<Model> & { readonly stream?: false | undefined },
  ): Promise<AiResult<Model>>;
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
  return { gateway, close: () => gateway.close(), AI: { run: runOver(gateway, options.caller ?? localCaller) } };
}

function runOver(gateway: Gateway, caller: Caller): Ai["run"] {
  const infer = tools.find((tool): tool is Tool => tool.name === "infer");
  if (!infer) throw new Error("there is no infer tool");
  const run = async (
    model: string,
    input: AiInput,
    { signal, traceparent, stream, ...fields }: AiOptions & { readonly stream?: boolean | undefined } = {},
  ): Promise<AiStream | InferResult> => {
    const args = parseArguments(infer, aiRunArguments([model, input, fields])) as InferArgs;
    const call = { signal, traceparent };
    if (stream !== true && args.wait_ms !== undefined) return await gateway.infer.run(args, caller, call);
    const generation = await gateway.infer.start(args, caller, call);
    if (stream === true) return aiStream(generation, args.idempotency_key !== undefined);
    const result = await generation.done;
    if (result.status === "failed" || result.status === "cancelled") throw errorOfResult(result);
    return result;
  };
  // The overloads say what comes for which arguments; here it is one function.
  return run as Ai["run"];
}

export { SwitchyardError } from "./core/errors.ts";
export type {
  AiChunk,
  AiInput,
  AiOptions,
  AiResult,
  AiStream,
  Caller,
  CallOptions,
  Gateway,
  InferArgs,
  InferResult,
  ModelId,
};
