import { diffLines, type LineChange } from "./line-diff.ts";

/** A stretch of a three-way merge: lines that are settled, or two versions of which neither is. */
type Stretch =
  | { readonly kind: "settled"; readonly lines: readonly string[] }
  | { readonly kind: "conflict"; readonly ours: readonly string[]; readonly theirs: readonly string[] };

export interface MergedLines {
  readonly lines: readonly string[];
  /** How many places are in conflict; each is in the lines between markers. */
  readonly conflicts: number;
}

/** Merges two changed versions of a text whose common origin is known (diff3). */
export function mergeLines(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  labels: { readonly ours: string; readonly theirs: string },
): MergedLines {
  const lines: string[] = [];
  let conflicts = 0;
  for (const stretch of stretches(base, ours, theirs)) {
    if (stretch.kind === "settled") {
      for (const line of stretch.lines) lines.push(line);
      continue;
    }
    conflicts += 1;
    lines.push(`<<<<<<< ${labels.ours}\n`, ...ended(stretch.ours), "=======\n", ...ended(stretch.theirs));
    lines.push(`>>>>>>> ${labels.theirs}\n`);
  }
  return { lines, conflicts };
}

function* stretches(base: readonly string[], ours: readonly string[], theirs: readonly string[]): Generator<Stretch> {
  const ourChanges = diffLines(base, ours);
  const theirChanges = diffLines(base, theirs);
  let at = 0;
  let i = 0;
  let j = 0;
  while (i < ourChanges.length || j < theirChanges.length) {
    const group = takeGroup(ourChanges, i, theirChanges, j);
    yield { kind: "settled", lines: base.slice(at, group.start) };
    const left = versionOf(base, ours, ourChanges.slice(i, group.i), group);
    const right = versionOf(base, theirs, theirChanges.slice(j, group.j), group);
    if (group.j === j || isSame(left, right)) yield { kind: "settled", lines: left };
    else if (group.i === i) yield { kind: "settled", lines: right };
    else yield* narrow(left, right);
    at = group.end;
    i = group.i;
    j = group.j;
  }
  yield { kind: "settled", lines: base.slice(at) };
}

interface Group {
  /** The lines of the base that the changes are about. */
  readonly start: number;
  readonly end: number;
  /** The first change of each side behind the group. */
  readonly i: number;
  readonly j: number;
}

/** The next change, and all changes of either side that touch it or one another. */
function takeGroup(ours: readonly LineChange[], i: number, theirs: readonly LineChange[], j: number): Group {
  const first = Math.min(ours[i]?.aStart ?? Infinity, theirs[j]?.aStart ?? Infinity);
  let end = first;
  let [nextOurs, nextTheirs] = [i, j];
  for (;;) {
    const our = ours[nextOurs];
    const their = theirs[nextTheirs];
    if (our !== undefined && our.aStart <= end) {
      end = Math.max(end, our.aEnd);
      nextOurs += 1;
    } else if (their !== undefined && their.aStart <= end) {
      end = Math.max(end, their.aEnd);
      nextTheirs += 1;
    } else {
      return { start: first, end, i: nextOurs, j: nextTheirs };
    }
  }
}

/** What a side made of the group's lines. */
function versionOf(
  base: readonly string[],
  side: readonly string[],
  changes: readonly LineChange[],
  group: Group,
): string[] {
  const lines: string[] = [];
  let at = group.start;
  for (const change of changes) {
    lines.push(...base.slice(at, change.aStart), ...side.slice(change.bStart, change.bEnd));
    at = change.aEnd;
  }
  lines.push(...base.slice(at, group.end));
  return lines;
}

/** Lines that both versions begin or end with are no conflict. */
function* narrow(ours: readonly string[], theirs: readonly string[]): Generator<Stretch> {
  let head = 0;
  while (head < ours.length && head < theirs.length && ours[head] === theirs[head]) head += 1;
  let tail = 0;
  while (
    tail < ours.length - head &&
    tail < theirs.length - head &&
    ours[ours.length - 1 - tail] === theirs[theirs.length - 1 - tail]
  ) {
    tail += 1;
  }
  yield { kind: "settled", lines: ours.slice(0, head) };
  yield {
    kind: "conflict",
    ours: ours.slice(head, ours.length - tail),
    theirs: theirs.slice(head, theirs.length - tail),
  };
  yield { kind: "settled", lines: ours.slice(ours.length - tail) };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

/** A marker must begin a line, whether the text before it ended one or not. */
function ended(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1);
  return last === undefined || last.endsWith("\n") ? lines : [...lines.slice(0, -1), `${last}\n`];
}
