import { type Native, textArg } from "./native.ts";

const linesMax = 20_000;
const editsMax = 500;

interface Change {
  readonly op: "same" | "added" | "removed";
  readonly lines: string[];
}

/**
 * Myers' shortest edit script over lines (E. Myers, 1986), after what is common at both ends. Past `editsMax` edits
 * the middle is given as replaced: the price of the exact answer grows with its square.
 */
function diffLines(before: readonly string[], after: readonly string[]): Change[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const a = before.slice(start, before.length - tail);
  const b = after.slice(start, after.length - tail);
  const changes: Change[] = [];
  const add = (op: Change["op"], line: string) => {
    const last = changes.at(-1);
    if (last?.op === op) last.lines.push(line);
    else changes.push({ op, lines: [line] });
  };
  for (const line of before.slice(0, start)) add("same", line);
  for (const [op, line] of editScript(a, b)) add(op, line);
  for (const line of before.slice(before.length - tail)) add("same", line);
  return changes;
}

function editScript(a: readonly string[], b: readonly string[]): [Change["op"], string][] {
  const replaced = (): [Change["op"], string][] => [
    ...a.map((line): [Change["op"], string] => ["removed", line]),
    ...b.map((line): [Change["op"], string] => ["added", line]),
  ];
  if (a.length === 0 || b.length === 0) return replaced();
  const furthest = new Map<number, number>([[1, 0]]);
  const history: Map<number, number>[] = [];
  const at = (k: number) => furthest.get(k) ?? -1;
  for (let edits = 0; edits <= Math.min(a.length + b.length, editsMax); edits++) {
    history.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      let x = k === -edits || (k !== edits && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, history, edits);
    }
  }
  return replaced();
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  history: readonly Map<number, number>[],
  edits: number,
): [Change["op"], string][] {
  const script: [Change["op"], string][] = [];
  let x = a.length;
  let y = b.length;
  for (let step = edits; step >= 0; step--) {
    const front = history[step] ?? new Map<number, number>();
    const at = (k: number) => front.get(k) ?? -1;
    const k = x - y;
    const isDown = k === -step || (k !== step && at(k - 1) < at(k + 1));
    const previousK = isDown ? k + 1 : k - 1;
    const previousX = step === 0 ? 0 : at(previousK);
    const previousY = step === 0 ? 0 : previousX - previousK;
    while (x > previousX && y > previousY) {
      x--;
      y--;
      script.push(["same", a[x] ?? ""]);
    }
    if (step === 0) break;
    if (isDown) script.push(["added", b[--y] ?? ""]);
    else script.push(["removed", a[--x] ?? ""]);
  }
  return script.reverse();
}

export const diffNatives: Readonly<Record<string, Native>> = {
  "diff.lines": (args) => {
    const before = textArg(args, 0).split("\n");
    const after = textArg(args, 1).split("\n");
    if (before.length + after.length > 2 * linesMax) throw new TypeError(`more than ${linesMax} lines`);
    return JSON.stringify(diffLines(before, after));
  },
};
