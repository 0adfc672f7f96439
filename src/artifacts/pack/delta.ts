import { MalformedData } from "../objects/malformed.ts";

/** The sizes a delta begins with, and where its instructions start. */
export interface DeltaHeader {
  readonly baseSize: number;
  readonly resultSize: number;
  readonly start: number;
}

/** Reads a delta's two sizes. @throws invalid_request when it ends inside them. */
export function parseDeltaHeader(delta: Buffer): DeltaHeader {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.next);
  return { baseSize: base.value, resultSize: result.value, start: result.next };
}

/** Applies a delta (gitformat-pack, "Deltified representation"). @throws invalid_request when it does not fit. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const { baseSize, resultSize, start } = parseDeltaHeader(delta);
  if (baseSize !== base.length) throw new MalformedData("a delta is for a base of another size");
  const result = Buffer.allocUnsafe(resultSize);
  let at = start;
  let out = 0;
  while (at < delta.length) {
    const code = delta[at++] ?? 0;
    if (code & 0x80) {
      let offset = 0;
      let size = 0;
      if (code & 0x01) offset = delta[at++] ?? 0;
      if (code & 0x02) offset |= (delta[at++] ?? 0) << 8;
      if (code & 0x04) offset |= (delta[at++] ?? 0) << 16;
      if (code & 0x08) offset += (delta[at++] ?? 0) * 0x1000000;
      if (code & 0x10) size = delta[at++] ?? 0;
      if (code & 0x20) size |= (delta[at++] ?? 0) << 8;
      if (code & 0x40) size |= (delta[at++] ?? 0) << 16;
      if (size === 0) size = 0x10000;
      if (at > delta.length || offset + size > base.length || out + size > resultSize) {
        throw new MalformedData("a delta copies from outside its base");
      }
      base.copy(result, out, offset, offset + size);
      out += size;
    } else {
      if (code === 0 || at + code > delta.length || out + code > resultSize) {
        throw new MalformedData("a delta has an instruction that does not fit");
      }
      delta.copy(result, out, at, at + code);
      at += code;
      out += code;
    }
  }
  if (out !== resultSize) throw new MalformedData("a delta makes less than it says");
  return result;
}

function readSize(delta: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  let scale = 1;
  let next = at;
  for (;;) {
    const byte = delta[next++];
    if (byte === undefined || value > Number.MAX_SAFE_INTEGER / 256) {
      throw new MalformedData("a delta ends inside its sizes");
    }
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (!(byte & 0x80)) return { value, next };
  }
}
