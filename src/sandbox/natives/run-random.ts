import { type Cipheriv, createCipheriv, createHash } from "node:crypto";

/** A run's random bytes: the AES-256-CTR key stream of its seed. The same seed gives the same bytes. */
export class RunRandom {
  #seed: readonly number[];
  #cipher: Cipheriv | undefined;

  constructor(seed: readonly number[]) {
    this.#seed = seed;
  }

  bytes(length: number): Uint8Array {
    this.#cipher ??= createCipheriv(
      "aes-256-ctr",
      createHash("sha256").update(Int32Array.from(this.#seed)).digest(),
      Buffer.alloc(16),
    );
    return new Uint8Array(this.#cipher.update(Buffer.alloc(length)));
  }
}
