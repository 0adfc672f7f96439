import type { Caller } from "../../core/caller.ts";

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

export function matches(limit: RateLimit, { caller, provider, model }: RatedCall): boolean {
  if (limit.key !== undefined && limit.key !== (caller.key ?? localKey)) return false;
  if (limit.provider !== undefined && limit.provider !== provider) return false;
  if (limit.model === undefined) return true;
  return limit.model.endsWith("*") ? model.startsWith(limit.model.slice(0, -1)) : model === limit.model;
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
