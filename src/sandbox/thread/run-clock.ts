const msPerReading = 0.001;

/**
 * Time inside a run. It stands still while code runs, but for a microsecond at each reading, and moves on when
 * something arrives from outside: code cannot time the machine, and what it reads can be written down and repeated.
 */
export class RunClock {
  readonly startMs: number;
  #epochMs: number;

  constructor(startMs: number) {
    this.startMs = startMs;
    this.#epochMs = startMs;
  }

  /** The time now, without a reading's price. */
  get epochMs(): number {
    return this.#epochMs;
  }

  /** What the program sees, milliseconds since the epoch. */
  read(): number {
    this.#epochMs += msPerReading;
    return this.#epochMs;
  }

  /** Something arrived at this time. Time never goes back. */
  moveTo(epochMs: number): void {
    if (epochMs > this.#epochMs) this.#epochMs = epochMs;
  }
}
