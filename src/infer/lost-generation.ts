import { costOf } from "../catalog/cost.ts";
import { inferLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd, parseUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import type { Settlement } from "../credits/ledger.ts";
import { type CollectedText, collectText } from "../providers/collect.ts";
import { parseJson } from "../providers/narrow.ts";
import type { TextEvent } from "../providers/shapes/event.ts";
import { type GenerationEvent, isAnswer } from "./generation.ts";
import type { StoredGeneration } from "./generation-store.ts";
import type { Resolver } from "./resolve.ts";
import { type AttemptRecord, attemptTokens, costFacts, type InferResult, usageFacts } from "./result.ts";
import { textOf } from "./snapshot.ts";
import { textOutput } from "./text-output.ts";

/** What is known of a generation whose process has died, from what it had written down. */
export interface LostGeneration {
  /** The answer, where all of it is there; else what there is of it, as a failure. */
  readonly result: InferResult;
  /** What it cost; undefined when that is not known for certain. */
  readonly settlement: Settlement | undefined;
}

/** The last attempt of a text generation, as far as it came. */
interface LastAttempt {
  readonly model: string;
  readonly isJson: boolean;
  readonly events: readonly TextEvent[];
  /** How it ended, if that was written down. */
  readonly record: AttemptRecord | undefined;
}

/**
 * Puts together what a process that died had written of a generation. An answer whose end and usage are there is whole:
 * its caller gets it, and what it cost is as certain as if its process had lived.
 */
export function lostGeneration(
  stored: StoredGeneration,
  events: readonly GenerationEvent[],
  resolver: Resolver,
): LostGeneration {
  const { result: known } = stored;
  // That a call was given up for lost says nothing of what it cost.
  if (known)
    return { result: known, settlement: known.error?.details.lost ? undefined : settlementOf(known, undefined) };
  const records = events.flatMap(({ event }) => (event.type === "attempt" ? [recordOf(event)] : []));
  const last = lastAttempt(events);
  const whole = last && wholeAnswer(last, resolver);
  if (!last || !whole) return { result: interrupted(stored, records, events), settlement: undefined };
  const { collected, usage, cost, list } = whole;
  const { model } = last;
  const open: AttemptRecord = {
    model,
    outcome: "succeeded",
    cost: formatUsd(cost),
    ...(list === cost ? {} : { list: formatUsd(list) }),
    ...attemptTokens(usage),
    // Its last sign of life is the nearest there is to its end.
    ms: Math.max(0, stored.leaseUntilMs - inferLimits.runnerLeaseMs - stored.createdAtMs),
  };
  const attempts = last.record ? records : [...records, open];
  const result: InferResult = {
    id: stored.id,
    status: "succeeded",
    model,
    provider: model.slice(0, Math.max(0, model.indexOf("/"))),
    output: textOutput(last.isJson ? { ...collected, json: parseJson(collected.text ?? "") } : collected),
    message: collected.message,
    finish_reason: collected.finish_reason ?? "stop",
    usage: usageFacts(usage, false),
    cost: costFacts(
      sum(attempts, ({ cost }) => cost),
      sum(attempts, ({ cost, list }) => list ?? cost),
    ),
    attempts,
    cached: false,
    warnings: ["the process that ran this call ended before it could say so; the answer is as it was written down"],
  };
  return { result, settlement: settlementOf(result, usage) };
}

function settlementOf({ cost, attempts, model, provider }: InferResult, usage: Usage | undefined): Settlement {
  return {
    actual: parseUsd(cost.total),
    list: parseUsd(cost.list),
    ...(usage ? { usage } : {}),
    ...(model === "" || provider === "" ? {} : { model, provider }),
    ...(attempts.some(({ unreconciled }) => unreconciled) ? { unreconciled: true } : {}),
  };
}

function lastAttempt(events: readonly GenerationEvent[]): LastAttempt | undefined {
  const at = events.findLastIndex(({ event }) => event.type === "asked");
  const asked = events[at]?.event;
  if (asked?.type !== "asked") return undefined;
  const after = events.slice(at + 1).map(({ event }) => event);
  const ended = after.find((event) => event.type === "attempt");
  return {
    model: asked.model,
    isJson: asked.json === true,
    events: after.filter(isAnswer),
    record: ended && recordOf(ended),
  };
}

function wholeAnswer(
  { model, events, record }: LastAttempt,
  resolver: Resolver,
): { collected: CollectedText; usage: Usage; cost: NanoUsd; list: NanoUsd } | undefined {
  const card = resolver.find(model);
  const collected = collectText(events);
  const isFinished = events.some(({ type }) => type === "finish");
  const usage = moneyAsNumber(collected.usage);
  if (!card || !isFinished || collected.failure || usage.outputTokens === undefined) return undefined;
  if (record && record.outcome !== "succeeded") return undefined;
  const list = costOf(card, usage);
  return list === undefined ? undefined : { collected, usage, list, cost: resolver.isByok(card) ? 0n : list };
}

/** On disk the provider's own figure is text. */
function moneyAsNumber(usage: Usage): Usage {
  const { providerCostNanoUsd: cost, ...rest } = usage;
  return cost === undefined ? rest : { ...rest, providerCostNanoUsd: BigInt(cost) };
}

function interrupted(
  { id, model }: StoredGeneration,
  attempts: readonly AttemptRecord[],
  events: readonly GenerationEvent[],
): InferResult {
  const text = textOf(events);
  return {
    id,
    status: "failed",
    model,
    provider: model.slice(0, Math.max(0, model.indexOf("/"))),
    output: text === "" ? {} : { text },
    cost: costFacts(
      sum(attempts, ({ cost }) => cost),
      sum(attempts, ({ cost, list }) => list ?? cost),
    ),
    attempts,
    cached: false,
    warnings: [],
    error: {
      code: "unavailable",
      message: "the process that ran this call ended before its answer was whole",
      next: "Call again, with another idempotency_key if it had one; output.text holds what had been delivered, and what it cost is settled by the ledger",
      retryable: true,
      details: { lost: true },
    },
  };
}

function recordOf({ type: _, ...record }: { readonly type: "attempt" } & AttemptRecord): AttemptRecord {
  return record;
}

function sum(attempts: readonly AttemptRecord[], amount: (attempt: AttemptRecord) => string): NanoUsd {
  return attempts.reduce((all, attempt) => all + parseUsd(amount(attempt)), 0n);
}
