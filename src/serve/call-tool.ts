import type { CallToolResult } from "@modelcontextprotocol/server";
import { inputJsonSchema, type ObjectSchema } from "../arguments/json-schema.ts";
import { parseArguments } from "../arguments/parse-arguments.ts";
import type { Caller, Progress } from "../core/caller.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { SwitchyardError, toErrorFacts } from "../core/errors.ts";
import { serveLimits } from "../core/limits.ts";
import type { Tool } from "../tool.ts";
import type { GatewayHandle } from "./gateway-handle.ts";
import { mediaContent } from "./media-content.ts";
import { type ProgressReporter, reportProgress } from "./progress.ts";
import { renderFailure, renderSuccess } from "./render.ts";

export interface ToolCall {
  readonly tool: Tool;
  /** As received. */
  readonly arguments: unknown;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** The caller's place in a trace, as it gave it. */
  readonly traceparent?: string | undefined;
  /** Writes one progress notification; absent when the caller asked for none. */
  readonly sendProgress?: ((progress: Progress) => Promise<void>) | undefined;
  /** UTF-16 code units of the result's text, when the caller asked for another bound than ours. */
  readonly resultCharactersMax?: number | undefined;
}

export interface ToolCallerOptions {
  readonly gateway: GatewayHandle;
  readonly log: (line: string) => void;
  readonly clock?: Clock | undefined;
  /** Told of every call when it has ended; `outcome` is `ok` or the error's code. */
  readonly onEnded?: ((tool: Tool, outcome: string, seconds: number) => void) | undefined;
}

/** Runs tool calls for every connection of the process. */
export interface ToolCaller {
  /** The call's result, a failed one included. Never rejects. */
  call(call: ToolCall): Promise<CallToolResult>;
  readonly inFlight: number;
  /** Resolves when no call runs any more, or after `waitMs`. */
  idle(waitMs: number): Promise<void>;
}

export function createToolCaller(options: ToolCallerOptions): ToolCaller {
  const clock = options.clock ?? systemClock;
  const running = new Set<Promise<unknown>>();
  const run = async (call: ToolCall, progress: ProgressReporter | undefined): Promise<CallToolResult> => {
    const { tool, signal, caller } = call;
    if (running.size >= serveLimits.callsInFlightMax) throw tooManyCalls();
    const args = parseArguments(tool, call.arguments ?? {});
    const gateway = await options.gateway.open();
    const output = await tool.handle(args, {
      gateway,
      caller,
      signal,
      traceparent: call.traceparent,
      onProgress: progress?.report,
    });
    await progress?.finish();
    const rest = () => tool.rest?.(output) ?? howToGetTheRest(tool, inputJsonSchema(tool.input));
    const result = asObject(output);
    const rendered = renderSuccess(result, rest, call.resultCharactersMax ?? serveLimits.resultCharactersMax);
    const media = await mediaContent(result, gateway, caller);
    return media.length === 0 ? rendered : { ...rendered, content: [...rendered.content, ...media] };
  };

  const callTool = async (call: ToolCall): Promise<CallToolResult> => {
    const progress = call.sendProgress === undefined ? undefined : reportProgress(call.sendProgress, clock);
    const startedMs = clock.monotonicMs();
    let outcome = "ok";
    try {
      return await run(call, progress);
    } catch (error) {
      const facts = toErrorFacts(error);
      outcome = facts.code;
      if (facts.code === "internal") options.log(`${call.tool.name} failed unexpectedly: ${describe(error)}`);
      return renderFailure(facts);
    } finally {
      progress?.stop();
      options.onEnded?.(call.tool, outcome, (clock.monotonicMs() - startedMs) / 1000);
    }
  };

  return {
    call(call) {
      const result = callTool(call);
      running.add(result);
      void result.finally(() => running.delete(result));
      return result;
    },
    get inFlight() {
      return running.size;
    },
    async idle(waitMs) {
      const settled = new AbortController();
      const all = Promise.allSettled([...running]).then(() => settled.abort());
      await Promise.race([all, clock.sleep(waitMs, settled.signal).catch(() => {})]);
    },
  };
}

function tooManyCalls(): SwitchyardError {
  const limit = serveLimits.callsInFlightMax;
  return new SwitchyardError("rate_limited", `${limit} calls are already running in this server`, {
    next: "Wait for one of them to end, then call again",
    retryable: true,
    details: { calls_in_flight_max: limit },
  });
}

/** Arguments with which a tool gives a long result in parts. */
const paging = ["id", "path", "glob", "lines", "from", "cursor", "limit", "max_tokens"];

function howToGetTheRest(tool: Tool, schema: ObjectSchema): string {
  const { properties } = schema;
  const has = (name: string) =>
    typeof properties === "object" && properties !== null && Object.hasOwn(properties, name);
  const usable = paging.filter(has);
  if (usable.length === 0) return `Ask ${tool.name} for less at a time`;
  return `Call ${tool.name} again and ask for a part with ${usable.join(", ")}`;
}

function asObject(output: unknown): object {
  if (typeof output === "object" && output !== null && !Array.isArray(output)) return output;
  throw new TypeError("a tool's result is not an object");
}

/** For the log on stderr, which the person who runs the server reads: it may name what the caller must not see. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
