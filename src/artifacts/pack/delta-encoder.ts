const blockBytes = 16;
/** How many places of the base one hash remembers: repetitive data must not make it slow. */
const placesMax = 8;
const copyBytesMax = 0xffff;
const insertBytesMax = 127;

/**
 * Makes a delta that turns `base` into `target`, or null when it would not be shorter than `bytesMax`. Blocks of the
 * base are found again in the target by a hash and the match is widened both ways.
 */
export function encodeDelta(base: Buffer, target: Buffer, bytesMax: number): Buffer | null {
  const places = indexBlocks(base);
  const parts: Buffer[] = [Buffer.concat([sizeBytes(base.length), sizeBytes(target.length)])];
  let length = parts[0]?.length ?? 0;
  const push = (part: Buffer) => {
    parts.push(part);
    length += part.length;
  };
  const insert = (from: number, to: number) => {
    for (let at = from; at < to; at += insertBytesMax) {
      const end = Math.min(to, at + insertBytesMax);
      push(Buffer.concat([Buffer.from([end - at]), target.subarray(at, end)]));
    }
  };
  let pending = 0;
  let at = 0;
  while (at + blockBytes <= target.length) {
    const match = bestMatch(base, target, at, pending, places.get(hashBlock(target, at)));
    if (match === null) {
      at += 1;
      continue;
    }
    insert(pending, match.targetStart);
    for (let done = 0; done < match.length; done += copyBytesMax) {
      push(copyInstruction(match.baseStart + done, Math.min(copyBytesMax, match.length - done)));
    }
    at = match.targetStart + match.length;
    pending = at;
    if (length >= bytesMax) return null;
  }
  insert(pending, target.length);
  return length < bytesMax ? Buffer.concat(parts) : null;
}

interface Match {
  readonly baseStart: number;
  readonly targetStart: number;
  readonly length: number;
}

function bestMatch(
  base: Buffer,
  target: Buffer,
  at: number,
  pending: number,
  places: readonly number[] | undefined,
): Match | null {
  let best: Match | null = null;
  for (const place of places ?? []) {
    let end = 0;
    while (at + end < target.length && place + end < base.length && target[at + end] === base[place + end]) end += 1;
    if (end < blockBytes) continue;
    let back = 0;
    while (at - back > pending && place - back > 0 && target[at - back - 1] === base[place - back - 1]) back += 1;
    if (best === null || end + back > best.length) {
      best = { baseStart: place - back, targetStart: at - back, length: end + back };
    }
  }
  return best;
}

function indexBlocks(base: Buffer): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let at = 0; at + blockBytes <= base.length; at += blockBytes) {
    const hash = hashBlock(base, at);
    const known = places.get(hash);
    if (known === undefined) places.set(hash, [at]);
    else if (known.length < placesMax) known.push(at);
  }
  return places;
}

function hashBlock(bytes: Buffer, at: number): number {
  const a = bytes.readInt32LE(at) ^ Math.imul(bytes.readInt32LE(at + 4), 0x9e3779b1);
  return Math.imul(a ^ bytes.readInt32LE(at + 8), 0x85ebca6b) ^ Math.imul(bytes.readInt32LE(at + 12), 0xc2b2ae35);
}

function copyInstruction(offset: number, size: number): Buffer {
  const bytes = [0x80];
  for (let i = 0; i < 4; i++) {
    const byte = Math.floor(offset / 2 ** (8 * i)) & 0xff;
    if (byte === 0) continue;
    bytes[0] = (bytes[0] ?? 0) | (1 << i);
    bytes.push(byte);
  }
  for (let i = 0; i < 2; i++) {
    const byte = (size >>> (8 * i)) & 0xff;
    if (byte === 0) continue;
    bytes[0] = (bytes[0] ?? 0) | (0x10 << i);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

function sizeBytes(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}
