import { sandboxLimits } from "../../core/limits.ts";
import type { RunMessage } from "../protocol.ts";
import { jsonValues } from "./json-size.ts";

/** A run's host calls on their way out: so many at once, the others in a queue. */
export class Calls {
  #run: number;
  #inFlightMax: number;
  #totalMax: number;
  #post: (message: RunMessage) => void;
  #total = 0;
  #inFlight = new Set<number>();
  #waiting: { call: number; name: string; args: string }[] = [];
  #waitingCharacters = 0;
  /** Calls that the program gave up before their turn came. */
  #unwanted = new Set<number>();

  constructor(run: number, totalMax: number, inFlightMax: number, post: (message: RunMessage) => void) {
    this.#run = run;
    this.#totalMax = totalMax;
    this.#inFlightMax = inFlightMax;
    this.#post = post;
  }

  /** Calls that are not answered yet. */
  get size(): number {
    return this.#inFlight.size + this.#waiting.length;
  }

  /** False when the calls that wait would hold more than they may: this thread's memory is not the program's. */
  add(call: number, name: string, args: string): boolean {
    // The guest keeps this bound itself; a guest that does not is not to be argued with.
    if (++this.#total > this.#totalMax) return true;
    if (this.#waitingCharacters + args.length > sandboxLimits.hostCallsWaitingCharactersMax) return false;
    this.#waiting.push({ call, name, args });
    this.#waitingCharacters += args.length;
    this.#sendNext();
    return true;
  }

  answered(call: number): void {
    this.#inFlight.delete(call);
    this.#sendNext();
  }

  cancel(call: number): void {
    if (this.#inFlight.has(call)) this.#post({ op: "cancel", run: this.#run, call });
    else this.#unwanted.add(call);
  }

  #sendNext(): void {
    while (this.#waiting.length > 0 && this.#inFlight.size < this.#inFlightMax) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#waitingCharacters -= next.args.length;
      this.#inFlight.add(next.call);
      this.#post({ op: "call", run: this.#run, ...next, values: jsonValues(next.args) });
      if (this.#unwanted.delete(next.call)) this.cancel(next.call);
    }
  }
}
