import { artifactLimits } from "../../core/limits.ts";

/** Lines `aStart..aEnd` of one text stand where lines `bStart..bEnd` of the other do; ends are exclusive. */
export interface LineChange {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/**
 * The differences between two lists of lines, in order (Myers, "An O(ND) Difference Algorithm and Its Variations",
 * the linear-space form). Past a bound of work the answer is correct but no longer the shortest.
 */
export function diffLines(a: readonly string[], b: readonly string[]): LineChange[] {
  const ids = new Map<string, number>();
  const number = (line: string) => {
    let id = ids.get(line);
    if (id === undefined) {
      id = ids.size;
      ids.set(line, id);
    }
    return id;
  };
  const [left, right] = [Int32Array.from(a, number), Int32Array.from(b, number)];
  const [aChanged, bChanged] = changedLines(left, right, ids.size);
  const changes: LineChange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [aStart, bStart] = [i, j];
    while (aChanged[i] === 1) i += 1;
    while (bChanged[j] === 1) j += 1;
    if (i > aStart || j > bStart) changes.push({ aStart, aEnd: i, bStart, bEnd: j });
    else {
      i += 1;
      j += 1;
    }
  }
  return changes;
}

/** Lines that one side alone has are changes whatever the others are: the search is for the others only. */
function changedLines(a: Int32Array, b: Int32Array, idCount: number): [aChanged: Uint8Array, bChanged: Uint8Array] {
  const [inA, inB] = [new Uint8Array(idCount), new Uint8Array(idCount)];
  for (const id of a) inA[id] = 1;
  for (const id of b) inB[id] = 1;
  const aCommon = Int32Array.from(a.keys()).filter((at) => inB[a[at] ?? 0] === 1);
  const bCommon = Int32Array.from(b.keys()).filter((at) => inA[b[at] ?? 0] === 1);
  const aCommonChanged = new Uint8Array(aCommon.length);
  const bCommonChanged = new Uint8Array(bCommon.length);
  const idsAt = (common: Int32Array, all: Int32Array) => common.map((at) => all[at] ?? 0);
  markChanges(idsAt(aCommon, a), idsAt(bCommon, b), aCommonChanged, bCommonChanged);
  const [aChanged, bChanged] = [new Uint8Array(a.length).fill(1), new Uint8Array(b.length).fill(1)];
  for (const [index, at] of aCommon.entries()) aChanged[at] = aCommonChanged[index] ?? 1;
  for (const [index, at] of bCommon.entries()) bChanged[at] = bCommonChanged[index] ?? 1;
  return [aChanged, bChanged];
}

/** What is left of the work that one comparison may take, in steps of the search. */
interface Work {
  steps: number;
}

interface Box {
  readonly aLow: number;
  readonly aHigh: number;
  readonly bLow: number;
  readonly bHigh: number;
}

/** What a diagonal has that no path reaches with so few edits. */
const unreached = -1;

function markChanges(a: Int32Array, b: Int32Array, aChanged: Uint8Array, bChanged: Uint8Array): void {
  const work: Work = { steps: artifactLimits.diffStepsMax };
  const waiting: Box[] = [{ aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length }];
  const forward = new Int32Array(a.length + b.length + 3);
  const backward = new Int32Array(a.length + b.length + 3);
  for (let box = waiting.pop(); box !== undefined; box = waiting.pop()) {
    let { aLow, aHigh, bLow, bHigh } = box;
    while (aLow < aHigh && bLow < bHigh && a[aLow] === b[bLow]) {
      aLow += 1;
      bLow += 1;
    }
    while (aLow < aHigh && bLow < bHigh && a[aHigh - 1] === b[bHigh - 1]) {
      aHigh -= 1;
      bHigh -= 1;
    }
    if (aLow === aHigh) {
      bChanged.fill(1, bLow, bHigh);
    } else if (bLow === bHigh) {
      aChanged.fill(1, aLow, aHigh);
    } else if (work.steps <= 0) {
      aChanged.fill(1, aLow, aHigh);
      bChanged.fill(1, bLow, bHigh);
    } else {
      const [x, y] = splitPoint(a, b, { aLow, aHigh, bLow, bHigh }, forward, backward, work);
      waiting.push({ aLow, aHigh: x, bLow, bHigh: y }, { aLow: x, aHigh, bLow: y, bHigh });
    }
  }
}

/** A point on a shortest path through the box, found from both corners at once. Neither part is the whole box. */
function splitPoint(
  a: Int32Array,
  b: Int32Array,
  box: Box,
  forward: Int32Array,
  backward: Int32Array,
  work: Work,
): [number, number] {
  const { aLow, aHigh, bLow, bHigh } = box;
  const n = aHigh - aLow;
  const m = bHigh - bLow;
  const delta = n - m;
  const isOdd = (delta & 1) !== 0;
  // Diagonal k of a table is kept at k + middle.
  const middle = m + 1;
  const inTable = (k: number) => k >= -m && k <= n;
  for (let d = 0; ; d++) {
    for (let k = -d; k <= d; k += 2) {
      if (!inTable(k)) continue;
      const x = extend(a, b, box, forward, k, d, middle, 1);
      const opposite = delta - k;
      const isMet = isOdd && x !== unreached && opposite >= -(d - 1) && opposite <= d - 1 && inTable(opposite);
      if (isMet && reaches(backward, middle + opposite, n - x)) return [aLow + x, bLow + x - k];
    }
    for (let k = -d; k <= d; k += 2) {
      if (!inTable(k)) continue;
      const x = extend(a, b, box, backward, k, d, middle, -1);
      const opposite = delta - k;
      const isMet = !isOdd && x !== unreached && opposite >= -d && opposite <= d && inTable(opposite);
      if (isMet && reaches(forward, middle + opposite, n - x)) return [aHigh - x, bHigh - (x - k)];
    }
    work.steps -= 2 * d + 2;
    if (d >= artifactLimits.diffEditsMax || work.steps <= 0) return furthest(box, forward, d, middle);
  }
}

function reaches(table: Int32Array, at: number, x: number): boolean {
  const there = table[at] ?? unreached;
  return there !== unreached && there >= x;
}

/** How far along `a` diagonal `k` gets with `d` edits, from the low corner (step 1) or the high one (step -1). */
function extend(
  a: Int32Array,
  b: Int32Array,
  box: Box,
  table: Int32Array,
  k: number,
  d: number,
  middle: number,
  step: 1 | -1,
): number {
  const n = box.aHigh - box.aLow;
  const m = box.bHigh - box.bLow;
  const isValid = (x: number) => x >= 0 && x <= n && x - k >= 0 && x - k <= m;
  const below = k === -d || k - 1 < -m ? unreached : (table[middle + k - 1] ?? unreached);
  const above = k === d || k + 1 > n ? unreached : (table[middle + k + 1] ?? unreached);
  const right = below !== unreached && isValid(below + 1) ? below + 1 : unreached;
  const down = above !== unreached && isValid(above) ? above : unreached;
  let x = d === 0 ? 0 : Math.max(right, down);
  table[middle + k] = x;
  if (x === unreached) return x;
  let y = x - k;
  if (step === 1) {
    while (x < n && y < m && a[box.aLow + x] === b[box.bLow + y]) {
      x += 1;
      y += 1;
    }
  } else {
    while (x < n && y < m && a[box.aHigh - 1 - x] === b[box.bHigh - 1 - y]) {
      x += 1;
      y += 1;
    }
  }
  table[middle + k] = x;
  return x;
}

/** Where the search from the low corner got furthest when it was given up. */
function furthest(box: Box, forward: Int32Array, d: number, middle: number): [number, number] {
  const n = box.aHigh - box.aLow;
  const m = box.bHigh - box.bLow;
  let best: [number, number] = [box.aHigh, box.bLow];
  let sum = -1;
  for (let k = -d; k <= d; k += 2) {
    if (k < -m || k > n) continue;
    const x = forward[middle + k] ?? unreached;
    if (x === unreached) continue;
    const y = x - k;
    const isInside = y >= 0 && y <= m && x + y > 0 && x + y < n + m;
    if (isInside && x + y > sum) {
      sum = x + y;
      best = [box.aLow + x, box.bLow + y];
    }
  }
  return best;
}
