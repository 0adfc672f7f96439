import { createHash } from "node:crypto";
import type { ModelCard } from "../../core/model-card.ts";
import type { Adapter, Credentials } from "../../providers/adapter.ts";

/** One of a provider's keys. Its name, never the key itself, is what results and logs may show. */
export interface ProviderKey {
  readonly name: string;
  /** Its share of the calls, against the other keys' weights. */
  readonly weight: number;
  readonly credentials: Credentials;
}

/** How long a provider may take, in milliseconds; what is absent is as `providerLimits` says. */
export interface ProviderTimeouts {
  readonly connectMs?: number | undefined;
  /** Until the answer's headers. */
  readonly firstByteMs?: number | undefined;
  readonly betweenChunksMs?: number | undefined;
  /** For one whole attempt. */
  readonly totalMs?: number | undefined;
}

/** What is done with the answer of a call whose caller has gone. */
export type OnCancel = "stop" | "drain";

/** One model that can be asked: its card, its adapter, and the keys to ask with. */
export interface Candidate {
  readonly card: ModelCard;
  readonly adapter: Adapter;
  /** At least one. */
  readonly keys: readonly ProviderKey[];
  readonly timeouts: ProviderTimeouts;
  readonly onCancel: OnCancel;
  /** The user pays the provider: the pool is charged nothing, and what it costs by list price is recorded. */
  readonly isByok: boolean;
}

/**
 * Things in the order in which one conversation should use them: by weight over many conversations, and always the same
 * for one, because what a provider has cached of it belongs to one key and one model.
 */
export function orderFor<T extends { readonly name: string; readonly weight: number }>(
  conversation: () => string,
  things: readonly T[],
): readonly T[] {
  if (things.length < 2) return things;
  const named = conversation();
  // Weighted rendezvous hashing: each thing draws a number from the conversation and itself, and the best draw wins.
  const draw = ({ name, weight }: T) => -Math.log(fractionOf(`${named}\n${name}`)) / weight;
  return things
    .map((thing) => ({ thing, drawn: draw(thing) }))
    .sort((a, b) => a.drawn - b.drawn)
    .map(({ thing }) => thing);
}

/** A number above 0 and at most 1 that follows from the text. */
function fractionOf(text: string): number {
  return (createHash("sha256").update(text).digest().readUInt32BE(0) + 1) / 2 ** 32;
}
