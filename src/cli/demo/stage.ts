/** Prints the demo's steps with their time and cost, and keeps count of those that did not do what they say. */
export class Stage {
  readonly #print: (line: string) => void;
  #steps = 0;
  failures = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  chapter(title: string): void {
    this.#print(`\n${title}`);
  }

  /** Runs one step. What it returns is printed under it; what it throws makes it a failure, and the demo goes on. */
  async step(title: string, act: () => Promise<StepOutcome>): Promise<void> {
    this.#steps += 1;
    const startedAt = performance.now();
    try {
      const { says, cost } = await act();
      const ms = Math.round(performance.now() - startedAt);
      this.#print(`  ✓ ${title}  (${ms} ms${cost === undefined ? "" : `, $${cost}`})`);
      for (const line of says) this.#print(`      ${line}`);
    } catch (error) {
      this.failures += 1;
      this.#print(`  ✗ ${title}`);
      this.#print(`      ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  summary(): void {
    this.#print(
      this.failures === 0
        ? `\nAll ${this.#steps} steps did what they say.`
        : `\n${this.failures} of ${this.#steps} steps failed.`,
    );
  }
}

export interface StepOutcome {
  readonly says: readonly string[];
  readonly cost?: string | undefined;
}

/** Fails the step when what it claims is not so. */
export function expect(claim: boolean, otherwise: string): asserts claim {
  if (!claim) throw new Error(otherwise);
}
