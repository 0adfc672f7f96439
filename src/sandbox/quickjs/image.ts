import { type Instance, initialPages, pageBytes } from "./instance.ts";

const blockBytes = 16_384;
const zeros = Buffer.alloc(blockBytes);
/** A run that took more heap than this leaves its instance to be dropped: zeroed pages would stay resident. */
const heapBytesKept = 4 * 1024 * 1024;

/**
 * What an instance's memory held when it had been set up and no program had run: its static data, and its heap with
 * the top of the stack below it. The unused stack between the two and everything above are zero. Instances that were
 * set up by the same steps hold the same bytes and share one image.
 */
export interface Image {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
  readonly highStart: number;
  /** Address of the allocator's word that says where the heap ends. */
  readonly breakAddress: number;
}

/**
 * Learns where the allocator keeps the end of the heap, which the engine's build does not say: the one word that
 * moves past each block that must extend the heap. Uses the instance up. Null when there is no such word.
 */
export function findBreakAddress({ memory, malloc }: Instance): number | null {
  const staticBytes = 1024 * 1024;
  const read = () => new Uint32Array(memory.buffer.slice(0, staticBytes));
  let candidates: number[] | undefined;
  for (const size of [300_000, 700_000]) {
    const before = read();
    const pointer = malloc(size);
    const after = read();
    const isBreak = (index: number) => {
      const [was = 0, is = 0] = [before[index], after[index]];
      return was > 0 && is > was && is >= pointer + size && is % 4_096 === 0 && is <= memory.buffer.byteLength;
    };
    candidates = (candidates ?? [...after.keys()]).filter(isBreak);
  }
  return candidates?.length === 1 && candidates[0] !== undefined ? candidates[0] * 4 : null;
}

/** Where the heap ends now. */
export function heapEnd(memory: WebAssembly.Memory, breakAddress: number): number {
  return new DataView(memory.buffer).getUint32(breakAddress, true);
}

/** Takes an image of an instance that has been set up. Null when its memory has grown already. */
export function takeImage({ memory }: Instance, breakAddress: number): Image | null {
  const end = heapEnd(memory, breakAddress);
  if (memory.buffer.byteLength !== initialPages * pageBytes || end > memory.buffer.byteLength) return null;
  const [gapStart, gapEnd] = longestZeroGap(memory.buffer, end);
  const bytes = new Uint8Array(memory.buffer);
  return { low: bytes.slice(0, gapStart), high: bytes.slice(gapEnd, end), highStart: gapEnd, breakAddress };
}

/** Whether an instance's memory is exactly the image, so that the image can be shared. */
export function matchesImage({ memory }: Instance, { low, high, highStart, breakAddress }: Image): boolean {
  return (
    heapEnd(memory, breakAddress) === highStart + high.length &&
    Buffer.from(memory.buffer, 0, low.length).equals(low) &&
    Buffer.from(memory.buffer, highStart, high.length).equals(high)
  );
}

/** Puts the memory back as it was. False when the instance grew too large to be worth keeping: drop it. */
export function restoreImage(memory: WebAssembly.Memory, image: Image): boolean {
  if (memory.buffer.byteLength !== initialPages * pageBytes) return false;
  const { low, high, highStart } = image;
  const end = heapEnd(memory, image.breakAddress);
  const imageEnd = highStart + high.length;
  if (end < imageEnd || end > imageEnd + heapBytesKept) return false;
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0, imageEnd, end);
  clearFrom(memory.buffer, low.length, highStart, 1);
  clearFrom(memory.buffer, highStart - blockBytes, low.length, -1);
  bytes.set(low, 0);
  bytes.set(high, highStart);
  return true;
}

/**
 * Zeroes the used blocks at one end of the gap: static data grows up into it, the stack down. Comparing first does
 * not make untouched pages resident as writing would. No frame leaves half a megabyte of clean blocks below it.
 */
function clearFrom(buffer: ArrayBuffer, from: number, to: number, direction: 1 | -1): void {
  const cleanBlocksMax = 34;
  let clean = 0;
  for (let start = from; direction * (to - start) > 0 && clean < cleanBlocksMax; start += direction * blockBytes) {
    const block = Buffer.from(buffer, start, blockBytes);
    if (block.equals(zeros)) clean++;
    else {
      block.fill(0);
      clean = 0;
    }
  }
}

function longestZeroGap(buffer: ArrayBuffer, end: number): [start: number, end: number] {
  let best: [number, number] = [0, 0];
  let start = -1;
  for (let at = 0; at + blockBytes <= end; at += blockBytes) {
    if (!Buffer.from(buffer, at, blockBytes).equals(zeros)) start = -1;
    else {
      if (start < 0) start = at;
      if (at + blockBytes - start > best[1] - best[0]) best = [start, at + blockBytes];
    }
  }
  return best;
}
