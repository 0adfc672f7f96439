type Work = (signal: AbortSignal) => Promise<void>;

/** Work that no caller waits for. It is stopped, and waited for, when memory closes. */
export class Background {
  readonly #controller = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  /** Asked for while the same was running: what came in meanwhile may have been missed. */
  readonly #again = new Map<string, Work>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Starts work, or has it done once more when the same is running; `name` says what is the same. */
  start(name: string, work: Work): void {
    const { signal } = this.#controller;
    if (signal.aborted) return;
    if (this.#running.has(name)) {
      this.#again.set(name, work);
      return;
    }
    this.#running.set(name, this.#run(name, work));
  }

  async #run(name: string, first: Work): Promise<void> {
    const { signal } = this.#controller;
    for (let work: Work | undefined = first; work !== undefined && !signal.aborted; work = this.#again.get(name)) {
      this.#again.delete(name);
      try {
        await work(signal);
      } catch (error) {
        // Asked again at once it would fail again.
        this.#again.delete(name);
        if (!signal.aborted) this.#onError(error);
      }
    }
    this.#running.delete(name);
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.idle();
  }
}
