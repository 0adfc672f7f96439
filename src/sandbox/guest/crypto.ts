import type { Bytes } from "./bytes.ts";
import type { NativeCall, Realm } from "./realm.ts";

/** `crypto`: random bytes of the run's own, and hashing by the host. */
export function installCrypto(realm: Realm, native: NativeCall, { bytesOf, put }: Bytes) {
  const { stringify } = realm;

  function randomBytes(length: number): Uint8Array {
    return new Uint8Array(native("random", stringify(length)) as ArrayBuffer);
  }

  function getRandomValues(view: ArrayBufferView): ArrayBufferView {
    if (!ArrayBuffer.isView(view)) throw new realm.TypeError("getRandomValues takes a typed array");
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(randomBytes(view.byteLength));
    return view;
  }

  function randomUUID(): string {
    const bytes = randomBytes(16);
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    let text = "";
    for (let index = 0; index < 16; index++) {
      if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
      text += ((bytes[index] as number) + 256).toString(16).slice(1);
    }
    return text;
  }

  async function digest(algorithm: string | { name: string }, data: unknown): Promise<ArrayBuffer> {
    const name = typeof algorithm === "string" ? algorithm : algorithm.name;
    return native("digest", stringify(`${name}`), bytesOf(data)) as ArrayBuffer;
  }

  const crypto = { getRandomValues, randomUUID, subtle: realm.freeze({ digest }) };
  put(globalThis, "crypto", realm.freeze(crypto));
}
