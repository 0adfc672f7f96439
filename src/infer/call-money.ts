import { toErrorFacts } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";
import type { Charge, Ledger } from "../credits/ledger.ts";
import { warningText } from "../credits/warnings.ts";
import type { Candidate } from "./attempts/candidate.ts";
import { keepHold } from "./keep-hold.ts";

/** What attempts cost. */
interface Cost {
  /** Of the pool. */
  readonly cost: NanoUsd;
  /** By list price, whoever pays it. */
  readonly list: NanoUsd;
  /** The provider may charge something else. */
  readonly isUnreconciled?: boolean | undefined;
}

/** The money of one run: what is held for it, what its attempts have cost so far, and how it ends, once. */
export class CallMoney {
  readonly #ledger: Ledger;
  #hold: string | undefined;
  #letHoldGo: () => void = () => undefined;
  /** What the hold is for at present; undefined where that does not change any more. */
  #charge: Charge | undefined;
  #cost: NanoUsd = 0n;
  #list: NanoUsd = 0n;
  #isUnreconciled = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get cost(): NanoUsd {
    return this.#cost;
  }

  get list(): NanoUsd {
    return this.#list;
  }

  /** Undefined before there is one, and from its end on. */
  get hold(): string | undefined {
    return this.#hold;
  }

  /** Takes a hold on, and keeps it as long as the run lasts. */
  holds(hold: string, charge?: Charge): void {
    this.#hold = hold;
    this.#charge = charge;
    this.#letHoldGo = keepHold(this.#ledger, hold, () => this.#cost);
  }

  add({ cost, list, isUnreconciled = false }: Cost): void {
    this.#cost += cost;
    this.#list += list;
    this.#isUnreconciled ||= isUnreconciled;
  }

  /**
   * Budgets for a provider or model count the call that goes there, wherever it was first meant to go.
   * @throws budget_exceeded when one has no room for this model.
   */
  async chargeTo({ card: { provider, id: model }, isByok }: Candidate): Promise<void> {
    if (isByok || this.#hold === undefined || this.#charge === undefined || this.#charge.model === model) return;
    const charge = { ...this.#charge, provider, model };
    await this.#ledger.retarget(this.#hold, charge);
    this.#charge = charge;
  }

  /** Writes down what an answer that runs has cost so far, should this process not live to its end. */
  checkpoint(running: NanoUsd): void {
    if (this.#hold === undefined) return;
    // The next checkpoint makes good for one that fails.
    this.#ledger.progress(this.#hold, this.#cost + running).catch(() => undefined);
  }

  /** Leaves the hold to another process, which goes on with the call. */
  leave(): void {
    this.#letHoldGo();
  }

  /**
   * Ends the hold with what all attempts cost, once. Answers what there is to say of it; an answer that is there is not
   * withheld because that fails.
   */
  async pay(
    answered: { readonly card: ModelCard; readonly usage: Usage } | undefined,
    reason: string,
  ): Promise<readonly string[]> {
    const hold = this.#hold;
    this.#hold = undefined;
    this.#letHoldGo();
    if (hold === undefined) return [];
    try {
      if (!answered && this.#list === 0n && !this.#isUnreconciled) {
        await this.#ledger.release(hold, reason);
        return [];
      }
      const { warnings } = await this.#ledger.settle(hold, {
        actual: this.#cost,
        list: this.#list,
        ...(answered ? { usage: answered.usage, provider: answered.card.provider, model: answered.card.id } : {}),
        ...(this.#isUnreconciled ? { unreconciled: true } : {}),
      });
      return warnings.map(warningText);
    } catch (error) {
      const { message } = toErrorFacts(error);
      return [
        `what this call cost could not be written down (${message}); the ledger settles it when its reservation runs out`,
      ];
    }
  }
}
