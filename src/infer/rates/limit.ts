import type { Caller } from "../../core/caller.ts";
import { MinuteWindow } from "./window.ts";

/** A limit on what is sent in a minute. Members that are absent match every call. */
export interface RateLimit {
  /** Id of a caller's key; `local` is the local user, who has none. */
  readonly key?: string | undefined;
  readonly provider?: string | undefined;
  /** A model's id, or a prefix that ends in `*`. */
  readonly model?: string | undefined;
  /** Every key, or every model, that the limit matches has one of its own. */
  readonly each?: "key" | "model" | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly onLimit: "wait" | "refuse";
}

/** What a limit is applied to. */
export interface RatedCall {
  readonly caller: Caller;
  readonly provider: string;
  readonly model: string;
  /** Estimated, until it is known. */
  readonly tokens: () => number;
}

export const localKey = "local";

/** What was sent under one limit, by all it matches or by one of them. */
export class Counter {
  readonly limit: RateLimit;
  readonly requests: MinuteWindow | undefined;
  readonly tokens: MinuteWindow | undefined;

  constructor(limit: RateLimit) {
    this.limit = limit;
    this.requests = limit.requestsPerMinute === undefined ? undefined : new MinuteWindow(limit.requestsPerMinute);
    this.tokens = limit.tokensPerMinute === undefined ? undefined : new MinuteWindow(limit.tokensPerMinute);
  }

  waitMs(tokens: number, nowMs: number): number {
    return Math.max(this.requests?.waitMs(1, nowMs) ?? 0, this.tokens?.waitMs(tokens, nowMs) ?? 0);
  }

  isIdle(nowMs: number): boolean {
    return (this.requests?.taken(nowMs) ?? 0) === 0 && (this.tokens?.taken(nowMs) ?? 0) === 0;
  }
}

export function matches(limit: RateLimit, { caller, provider, model }: RatedCall): boolean {
  if (limit.key !== undefined && limit.key !== (caller.key ?? localKey)) return false;
  if (limit.provider !== undefined && limit.provider !== provider) return false;
  if (limit.model === undefined) return true;
  return limit.model.endsWith("*") ? model.startsWith(limit.model.slice(0, -1)) : model === limit.model;
}

/** Which of a limit's counters a call belongs to. */
export function counterId(at: number, limit: RateLimit, { caller, model }: RatedCall): string {
  if (limit.each === "key") return `${at}\n${caller.workspace}\n${caller.key ?? localKey}`;
  return limit.each === "model" ? `${at}\n${model}` : `${at}`;
}

/** The limit in words: `60 requests a minute of openai`. */
export function limitText({ key, provider, model, each, requestsPerMinute, tokensPerMinute }: RateLimit): string {
  const amounts = [
    ...(requestsPerMinute === undefined ? [] : [counted(requestsPerMinute, "request")]),
    ...(tokensPerMinute === undefined ? [] : [counted(tokensPerMinute, "token")]),
  ];
  const of = [model ?? provider, key === undefined ? undefined : `key ${key}`].filter(Boolean).join(" with ");
  return `${amounts.join(" and ")} a minute${of === "" ? "" : ` of ${of}`}${each === undefined ? "" : ` for each ${each}`}`;
}

function counted(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? "" : "s"}`;
}
