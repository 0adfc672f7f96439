/** Work that no caller waits for. It is stopped, and waited for, when memory closes. */
export class Background {
  readonly #controller = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Starts work unless the same is running; `name` says what is the same. */
  start(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#controller.signal.aborted || this.#running.has(name)) return;
    const { signal } = this.#controller;
    const running = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onError(error);
      })
      .finally(() => this.#running.delete(name));
    this.#running.set(name, running);
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
