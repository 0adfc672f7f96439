const smallCharacters = 32_768;

/**
 * Lets large texts from guests be parsed one in a turn of the event loop: many at once, each harmless, would together
 * keep the server from everything else.
 */
export class Pacer {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is this text's turn; at once for a small one. */
  async turn(characters: number): Promise<void> {
    if (characters < smallCharacters) return;
    const before = this.#last;
    this.#last = before.then(() => new Promise((resolve) => setImmediate(resolve)));
    await this.#last;
  }
}
