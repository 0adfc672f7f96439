import { inferLimits } from "../../core/limits.ts";
import { type Candidate, orderFor, type ProviderKey } from "./candidate.ts";
import type { Health, Readiness } from "./health.ts";

/** What can be asked, whatever it is asked for. */
export interface Offerable {
  readonly candidate: Candidate;
}

/** A model of one call with what has become of it in this call. */
export class OpenOffer {
  readonly offer: Offerable;
  /** In the order in which this conversation uses them. */
  readonly #keys: readonly ProviderKey[];
  /** Not asked again before; monotonic milliseconds. */
  notBeforeMs = 0;
  /** How often it was asked again after a failure that another key does not mend. */
  retries = 0;
  /** It was named as passed over. */
  isNoted = false;
  #isClosed = false;
  #nextIsRetry = false;
  readonly #asked = new Set<ProviderKey>();
  readonly #givenUp = new Set<ProviderKey>();

  constructor(offer: Offerable, conversation: () => string) {
    this.offer = offer;
    this.#keys = orderFor(conversation, offer.candidate.keys);
  }

  get isClosed(): boolean {
    return this.#isClosed || this.usableKeys().length === 0;
  }

  get wasAsked(): boolean {
    return this.#asked.size > 0;
  }

  get mayRetry(): boolean {
    return this.retries + 1 < inferLimits.attemptsPerModelMax;
  }

  /** Keys that may be tried in this call. */
  usableKeys(): readonly ProviderKey[] {
    return this.#keys.filter((key) => !this.#givenUp.has(key) && (this.mayRetry || !this.#asked.has(key)));
  }

  hasUntriedKey(): boolean {
    return this.#keys.some((key) => !this.#asked.has(key));
  }

  isRetry(key: ProviderKey): boolean {
    return this.#nextIsRetry || this.#asked.has(key);
  }

  asked(key: ProviderKey): void {
    if (this.isRetry(key)) this.retries += 1;
    this.#asked.add(key);
    this.#nextIsRetry = false;
  }

  /** The same model may answer when it is asked again. */
  retryAt(notBeforeMs: number): void {
    this.#nextIsRetry = true;
    this.notBeforeMs = notBeforeMs;
  }

  giveUp(key: ProviderKey): void {
    this.#givenUp.add(key);
  }

  close(): void {
    this.#isClosed = true;
  }
}

/** What could be asked: the best key of an offer. */
interface Option {
  readonly offer: OpenOffer;
  readonly key: ProviderKey;
  readonly readiness: Readiness;
  /** Until it may be asked. */
  readonly waitMs: number;
  /** The part of the wait that is not for the settings' rate limits, which have a queue of their own. */
  readonly pauseMs: number;
  /** The wait is for this call's own failure. */
  readonly isOwnWait: boolean;
}

/** What to ask next, if anything can be asked in the time that is left. */
export interface Choice {
  readonly target: Option | undefined;
  /** What could be asked first, if there were time. */
  readonly soonest: Option | undefined;
  /** Models that come before the target and were left out without being asked. */
  readonly passedOver: readonly { readonly offer: OpenOffer; readonly why: string }[];
}

/**
 * Chooses what to ask next: the first offer that is ready, or will be after a short wait of its own; else the one that
 * is ready soonest; else one that fails too often, because the last route is never given up.
 */
export function choose(
  open: readonly OpenOffer[],
  health: Health,
  { nowMs, leftMs, limitMs }: { nowMs: number; leftMs: number; limitMs: (offer: OpenOffer) => number },
): Choice {
  const options = open.flatMap((offer) =>
    offer.isClosed ? [] : [withLimit(optionFor(offer, health, nowMs), limitMs(offer))],
  );
  const inTime = options.filter(({ waitMs }) => waitMs < leftMs);
  const target =
    inTime.find(isReady) ??
    inTime.filter(({ readiness }) => readiness.state !== "shunned").sort((a, b) => a.waitMs - b.waitMs)[0] ??
    inTime[0];
  const [soonest] = options.toSorted((a, b) => a.waitMs - b.waitMs);
  return {
    target,
    soonest,
    passedOver: target ? options.slice(0, options.indexOf(target)).flatMap(passedOver) : [],
  };
}

function isReady({ offer, readiness, waitMs }: Option): boolean {
  if (waitMs === 0) return readiness.state === "ready";
  return readiness.state !== "shunned" && offer.wasAsked && waitMs <= inferLimits.retryPatienceMs;
}

function passedOver({ offer, readiness }: Option): { offer: OpenOffer; why: string }[] {
  if (offer.wasAsked || offer.isNoted || readiness.state === "ready") return [];
  offer.isNoted = true;
  return [{ offer, why: readiness.why }];
}

/** The best of an offer's keys. */
function optionFor(offer: OpenOffer, health: Health, nowMs: number): Option {
  const { provider, id: model } = offer.offer.candidate.card;
  let best: Option | undefined;
  for (const key of offer.usableKeys()) {
    const readiness = health.readiness({ provider, model, key: key.name });
    const ownMs = offer.isRetry(key) ? Math.max(0, offer.notBeforeMs - nowMs) : 0;
    const restMs = readiness.state === "resting" ? readiness.waitMs : 0;
    const pauseMs = Math.max(ownMs, restMs);
    const option = { offer, key, readiness, waitMs: pauseMs, pauseMs, isOwnWait: ownMs >= restMs };
    if (!best || rank(option) < rank(best)) best = option;
  }
  if (!best) throw new Error("an open offer has no key left");
  return best;
}

function withLimit(option: Option, limitMs: number): Option {
  if (limitMs === 0) return option;
  const waitMs = Math.max(option.waitMs, limitMs);
  if (option.readiness.state === "shunned") return { ...option, waitMs };
  return { ...option, waitMs, readiness: { state: "resting", waitMs, why: "its rate limit is used up for now" } };
}

/** Smaller is better: by readiness, then by wait. */
function rank({ readiness, waitMs }: Option): number {
  return waitMs + (readiness.state === "shunned" ? inferLimits.timeoutMsMax : 0);
}
