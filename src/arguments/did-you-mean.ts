/**
 * The candidate that `name` was probably meant to be: the fewest edits away, and no more than a third of its length.
 * Spelling differences that are only case, `-`, `_` or `.` always match.
 */
export function closestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > nameCharactersMax) return undefined;
  let best: string | undefined;
  let bestEdits = Math.floor(name.length / 3) + 1;
  for (const candidate of candidates) {
    if (fold(candidate) === fold(name)) return candidate;
    if (Math.abs(candidate.length - name.length) >= bestEdits) continue;
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Longer names are not typing errors, and the distance costs their product. */
const nameCharactersMax = 64;

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_.\s]/g, "");
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one string into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        edits = Math.min(edits, at(beforeLast, j - 2) + 1);
      }
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
