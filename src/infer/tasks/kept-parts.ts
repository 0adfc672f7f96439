import type { Asked } from "../../catalog/media-cost.ts";
import type { NanoUsd } from "../../core/money.ts";
import type { Usage } from "../../core/usage.ts";
import { joinUsage } from "../../providers/join.ts";
import type { ProviderFailure } from "../../providers/shapes/event.ts";
import type { Succeeded } from "../../providers/task-adapter.ts";

/** What one model got done of a request that goes to it in parts, over all its attempts: paid for, so asked for once. */
export class KeptParts {
  readonly #done = new Map<number, Succeeded<unknown>>();
  readonly #fresh: Usage[] = [];
  /** How many parts there are. */
  total = 1;
  /** What was charged for those that are done, while others failed. */
  charged: NanoUsd = 0n;
  /** Why the others are not there. */
  failure: ProviderFailure | undefined;
  /** The key that was asked with last. */
  key = "";

  get count(): number {
    return this.#done.size;
  }

  has(at: number): boolean {
    return this.#done.has(at);
  }

  keep(at: number, part: Succeeded<unknown>): void {
    this.#done.set(at, part);
    this.#fresh.push(part.usage);
  }

  /** In the order of the parts. */
  inOrder(): readonly Succeeded<unknown>[] {
    return [...this.#done].toSorted(([one], [other]) => one - other).map(([, part]) => part);
  }

  /** What was used for parts that were done since this was last asked; undefined where none was. */
  takeFresh(): { readonly usage: Usage; readonly count: number } | undefined {
    const usages = this.#fresh.splice(0);
    return usages.length === 0 ? undefined : { usage: joinUsage(usages), count: usages.length };
  }

  /** What so many of the parts ask for, as far as prices depend on it. */
  askedFor(count: number, asked: Asked): Asked {
    return asked.images === undefined ? asked : { ...asked, images: Math.ceil((asked.images * count) / this.total) };
  }

  /** What so many of the parts cost at most, of what all of them do. */
  shareOf(count: number, worst: NanoUsd): NanoUsd {
    const total = BigInt(this.total);
    return (worst * BigInt(count) + total - 1n) / total;
  }
}
