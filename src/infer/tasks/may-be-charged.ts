/** Counts requests whose provider may charge them although nobody here knows: sent, and neither answered nor refused. */
export class MayBeCharged {
  #open = 0;

  get isSo(): boolean {
    return this.#open > 0;
  }

  sent(): void {
    this.#open += 1;
  }

  /** One of them was refused, never arrived, or said what it cost. */
  cleared(): void {
    this.#open = Math.max(0, this.#open - 1);
  }
}
