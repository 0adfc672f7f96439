import { costOf, worstCaseOf } from "../catalog/cost.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import { type CollectedText, TextCollector } from "../providers/collect.ts";
import type { TextEvent } from "../providers/shapes/event.ts";
import { tokensGuess } from "./estimate.ts";
import { isContent } from "./generation.ts";
import type { Offer } from "./reservation.ts";

/** What an answer, whole or not, is charged. */
export interface Bill {
  readonly usage: Usage;
  /** Of the pool. */
  readonly cost: NanoUsd;
  /** By list price, whoever pays it. */
  readonly list: NanoUsd;
  /** The provider did not say what was used, or not to the end: it is counted from what was delivered. */
  readonly isEstimated: boolean;
}

/** One attempt's answer as far as it has come. */
export class Answer {
  readonly offer: Offer;
  readonly #collector: TextCollector;
  #usage: Usage = {};
  #characters = 0;
  #hasContent = false;
  #isFinished = false;
  /** The provider had the request and did not say that it refused it. */
  mayBeCharged = false;
  /** Milliseconds from the request to the first content. */
  firstContentMs: number | undefined;

  constructor(offer: Offer) {
    this.offer = offer;
    this.#collector = new TextCollector({ responseSchema: offer.request.response_schema });
  }

  /** Some of the answer has been delivered. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  /** Takes in events that are delivered. */
  take(events: readonly TextEvent[]): void {
    for (const event of events) {
      this.#collector.push(event);
      if ("text" in event) this.#characters += event.text.length;
      this.#hasContent ||= isContent(event);
    }
    this.takeUsage(events);
  }

  /** Takes in what events say of the cost, and nothing else. */
  takeUsage(events: readonly TextEvent[]): void {
    for (const event of events) {
      if (event.type === "usage") this.#usage = event.usage;
      else if (event.type === "finish") this.#isFinished = true;
    }
  }

  collected(): CollectedText {
    return this.#collector.result();
  }

  /** Whether the provider may charge something else than the bill says. */
  get isUnreconciled(): boolean {
    return this.mayBeCharged && (!this.#isMetered || this.bill().isEstimated);
  }

  /** Whether the provider has said anything of what it used. */
  get #isMetered(): boolean {
    return Object.keys(this.#usage).length > 0;
  }

  /** What the provider says, else its usage at list price, else an estimate of what was delivered. */
  bill(): Bill {
    const { candidate, request, inputTokensMax, unpricedCost } = this.offer;
    if (!this.#hasContent && !this.#isMetered) return { usage: {}, cost: 0n, list: 0n, isEstimated: false };
    const isEstimated = this.#usage.outputTokens === undefined || !this.#isFinished;
    const usage = isEstimated ? this.#estimated() : this.#usage;
    const worst = worstCaseOf(candidate.card, inputTokensMax, request.params.max_output_tokens ?? 0);
    const list = costOf(candidate.card, usage) ?? worst ?? unpricedCost ?? 0n;
    return { usage, isEstimated, list, cost: candidate.isByok ? 0n : list };
  }

  #estimated(): Usage {
    const { messages, system = "", params } = this.offer.request;
    // An estimate is never more than the model could have written.
    const outputMax = params.max_output_tokens ?? Number.MAX_SAFE_INTEGER;
    const written = Math.min(tokensGuess(this.#characters), outputMax);
    return {
      ...this.#usage,
      inputTokens: this.#usage.inputTokens ?? tokensGuess(JSON.stringify(messages).length + system.length),
      // What a provider said at the beginning of its stream is not what it says at the end.
      outputTokens: Math.max(this.#usage.outputTokens ?? 0, written),
    };
  }
}
