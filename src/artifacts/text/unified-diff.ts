import type { LineChange } from "./line-diff.ts";

const contextLines = 3;

/** A part of a file's difference, as in a unified diff. Line numbers count from one. */
export interface Hunk {
  readonly old_start: number;
  readonly old_lines: number;
  readonly new_start: number;
  readonly new_lines: number;
  /** Each with ` `, `-` or `+` in front, without its newline. */
  readonly lines: readonly string[];
}

/** Groups changes with three lines of context. Lines are text, each with its newline except perhaps the last. */
export function makeHunks(a: readonly string[], b: readonly string[], changes: readonly LineChange[]): Hunk[] {
  const hunks: Hunk[] = [];
  let group: LineChange[] = [];
  const flush = () => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return;
    hunks.push(makeHunk(a, b, group, first, last));
    group = [];
  };
  for (const change of changes) {
    const before = group.at(-1);
    if (before !== undefined && change.aStart - before.aEnd > 2 * contextLines) flush();
    group.push(change);
  }
  flush();
  return hunks;
}

function makeHunk(
  a: readonly string[],
  b: readonly string[],
  group: readonly LineChange[],
  first: LineChange,
  last: LineChange,
): Hunk {
  const start = Math.max(0, first.aStart - contextLines);
  const end = Math.min(a.length, last.aEnd + contextLines);
  const newStart = first.bStart - (first.aStart - start);
  const lines: string[] = [];
  const add = (sign: string, text: string | undefined) => {
    if (text === undefined) return;
    if (text.endsWith("\n")) lines.push(sign + text.slice(0, -1));
    else lines.push(sign + text, "\\ No newline at end of file");
  };
  let at = start;
  for (const change of group) {
    for (; at < change.aStart; at++) add(" ", a[at]);
    for (; at < change.aEnd; at++) add("-", a[at]);
    for (let j = change.bStart; j < change.bEnd; j++) add("+", b[j]);
  }
  for (; at < end; at++) add(" ", a[at]);
  const oldLines = end - start;
  const newLines = last.bEnd + (end - last.aEnd) - newStart;
  return {
    old_start: oldLines === 0 ? start : start + 1,
    old_lines: oldLines,
    new_start: newLines === 0 ? newStart : newStart + 1,
    new_lines: newLines,
    lines,
  };
}

export function formatHunk(hunk: Hunk): string {
  const range = (start: number, lines: number) => (lines === 1 ? `${start}` : `${start},${lines}`);
  const head = `@@ -${range(hunk.old_start, hunk.old_lines)} +${range(hunk.new_start, hunk.new_lines)} @@`;
  return `${head}\n${hunk.lines.join("\n")}\n`;
}
