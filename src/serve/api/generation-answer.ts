import type { IncomingMessage } from "node:http";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { abortError, waitOver } from "../../core/deadline.ts";
import { serveLimits } from "../../core/limits.ts";
import type { Gateway } from "../../gateway.ts";
import { type Generation, type GenerationEvent, isAnswer, isContent } from "../../infer/generation.ts";
import type { InferArgs } from "../../infer/request.ts";
import { errorOfResult, type InferResult } from "../../infer/result.ts";
import type { TextEvent } from "../../providers/shapes/event.ts";
import { headerOf } from "./exchange.ts";

export interface Asked {
  readonly gateway: Gateway;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly request?: IncomingMessage | undefined;
}

function traceparentOf(request: IncomingMessage | undefined): string | undefined {
  return request && headerOf(request, "traceparent");
}

/** Starts a call and waits for its end. @throws the error of a call that failed. */
export async function wholeAnswer(args: InferArgs, { gateway, caller, signal, request }: Asked): Promise<InferResult> {
  const generation = await gateway.infer.start(args, caller, { signal, traceparent: traceparentOf(request) });
  const result = await doneOrAborted(generation, signal);
  if (result.status === "failed" || result.status === "cancelled") throw errorOfResult(result);
  return result;
}

export interface StreamedAnswer {
  readonly generation: Generation;
  /** The model that answers, as far as it is known by now. */
  model(): string;
  /** The answer's own events, in order, as they come, those together that are there. */
  events(): AsyncGenerator<readonly TextEvent[]>;
  /** The end. A failure is a result with `error`. */
  result(): Promise<InferResult>;
}

/**
 * Starts a call whose answer is streamed, and waits until it has begun or failed, so that a failure can still be an
 * HTTP status. A model that thinks for long is not waited for: then the stream begins empty.
 * @throws the error of a call that failed before it said anything.
 */
export async function streamedAnswer(
  args: InferArgs,
  asked: Asked & { readonly clock: Clock },
): Promise<StreamedAnswer> {
  const { gateway, caller, signal, clock, request } = asked;
  const generation = await gateway.infer.start(args, caller, { signal, traceparent: traceparentOf(request) });
  const enough = new AbortController();
  const giveUp = () => enough.abort(waitOver);
  signal.addEventListener("abort", giveUp, { once: true });
  await Promise.race([
    firstContent(generation, enough.signal),
    clock.sleep(serveLimits.httpStatusWaitMs, enough.signal).catch(() => undefined),
  ]);
  giveUp();
  signal.removeEventListener("abort", giveUp);
  const { result } = generation;
  if (result?.error !== undefined && !generation.events.some(({ event }) => isAnswerContent(event))) {
    throw errorOfResult(result);
  }
  return {
    generation,
    model() {
      const asked = generation.events.findLast(({ event }) => event.type === "asked")?.event;
      return asked?.type === "asked" ? asked.model : args.model;
    },
    async *events() {
      for await (const batch of generation.readBatches(0, signal)) {
        yield batch.map(({ event }) => event).filter(isAnswer);
      }
    },
    result: () => doneOrAborted(generation, signal),
  };
}

async function firstContent(generation: Generation, signal: AbortSignal): Promise<void> {
  for await (const batch of generation.readBatches(0, signal)) {
    if (batch.some(({ event }) => isAnswerContent(event))) return;
  }
}

function isAnswerContent(event: GenerationEvent["event"]): boolean {
  return isAnswer(event) && isContent(event);
}

async function doneOrAborted(generation: Generation, signal: AbortSignal): Promise<InferResult> {
  const left = Promise.withResolvers<never>();
  const onAbort = () => left.reject(abortError(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([generation.done, left.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
