import { invalid } from "./new-memory.ts";

const shape = /^m1-([0-9a-z]{1,11})$/;

/** Where a list goes on: after the memory with this number, towards older ones. */
export function cursorAfter(n: number): string {
  return `m1-${n.toString(36)}`;
}

/** @throws invalid_request for a cursor that no list gave. */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const [, digits] = shape.exec(cursor) ?? [];
  const n = digits === undefined ? Number.NaN : Number.parseInt(digits, 36);
  if (Number.isSafeInteger(n)) return n;
  throw invalid("cursor", "the cursor is not one that a list gave", "Start without a cursor, then pass on next_cursor");
}
