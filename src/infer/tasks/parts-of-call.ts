import type { NanoUsd } from "../../core/money.ts";
import type { Succeeded } from "../../providers/task-adapter.ts";
import { AttemptFailure } from "../attempts/failure.ts";
import { joinParts } from "./join-parts.ts";
import { KeptParts } from "./kept-parts.ts";
import type { TaskOffer } from "./task-plan.ts";

/** Pictures that were made while others failed. */
interface MadeInPart {
  readonly offer: TaskOffer;
  readonly kept: KeptParts;
  readonly answer: Succeeded<unknown>;
}

/** What each model of a call got done, where the request goes to it in parts. */
export class PartsOfCall {
  readonly #kept = new Map<unknown, KeptParts>();

  of(offer: unknown): KeptParts {
    const kept = this.#kept.get(offer) ?? new KeptParts();
    this.#kept.set(offer, kept);
    return kept;
  }

  /**
   * Parts of one model's answer do not go with another's: pictures that are there are given as they are, and anything
   * else is only asked for again, from its beginning, where what is set aside pays for that too.
   * @throws AttemptFailure why the first model's parts are not all there.
   */
  refuseSecond(offer: TaskOffer, spent: NanoUsd, reserved: NanoUsd): void {
    for (const [other, { count, failure }] of this.#kept) {
      if (other === offer || count === 0 || !failure) continue;
      const { card, isByok } = offer.candidate;
      if (card.task === "image" || (!isByok && spent + offer.worst > reserved))
        throw new AttemptFailure(failure, { delivered: true, isProviderFault: false });
    }
  }

  /** Undefined where no picture was made, or nothing is missing. */
  madeInPart(): MadeInPart | undefined {
    for (const [one, kept] of this.#kept) {
      const offer = one as TaskOffer;
      const { task } = offer.candidate.card;
      if (task !== "image" || kept.count === 0 || kept.count === kept.total) continue;
      const joined = joinParts(task, kept.inOrder() as readonly Succeeded<{ images: readonly unknown[] }>[]);
      if (joined.result.images.length === 0) continue;
      const why = kept.failure ? `${kept.failure.kind.replaceAll("_", " ")}: ${kept.failure.message}` : "it failed";
      const missing = `${kept.total - kept.count} of ${kept.total} images could not be made: ${why}`;
      return { offer, kept, answer: { ...joined, warnings: [...(joined.warnings ?? []), missing] } };
    }
    return undefined;
  }

  /** What is charged though no answer came of it, a line for each model. */
  lost(): string[] {
    return [...this.#kept.values()]
      .filter(({ charged }) => charged > 0n)
      .map(({ count, total }) => `${count} of ${total} parts were done, and are charged`);
  }
}
