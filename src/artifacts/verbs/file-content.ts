import { isUtf8 } from "node:buffer";
import { SwitchyardError } from "../../core/errors.ts";

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** A file's content as a caller gets it. */
export interface ShownFile {
  readonly text?: string;
  readonly base64?: string;
  /** Which lines the text is, when not all were asked for. */
  readonly lines?: string;
  readonly total_lines?: number;
  /** The content goes on after what is shown. */
  readonly truncated?: true;
}

/** Reads `10-40`, `10-` or `10`, counted from one. @throws invalid_request */
export function parseLines(text: string): LineRange {
  const match = /^(\d{1,9})(?:(-)(\d{1,9})?)?$/.exec(text.trim());
  const from = Number(match?.[1] ?? 0);
  const to = match?.[2] === undefined ? from : Number(match[3] ?? Number.MAX_SAFE_INTEGER);
  if (from >= 1 && to >= from) return { from, to };
  throw new SwitchyardError("invalid_request", `${JSON.stringify(text.slice(0, 50))} is not a range of lines`, {
    next: 'Give lines as "10-40", counted from 1',
    details: { field: "lines" },
  });
}

/** Text where the bytes are UTF-8 without NUL, else base64; cut to `bytesMax` at the end of a character. */
export function showFile(bytes: Buffer, range: LineRange | null, bytesMax: number): ShownFile {
  if (!isUtf8(bytes) || bytes.includes(0)) {
    const kept = bytes.subarray(0, Math.floor(bytesMax / 4) * 3);
    return { base64: kept.toString("base64"), ...(kept.length < bytes.length ? { truncated: true } : {}) };
  }
  if (range === null) return cut(bytes, bytesMax);
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(10, at + 1))
    starts.push(at + 1);
  const total = bytes.length === 0 ? 0 : starts.length;
  const to = Math.min(range.to, total);
  const part =
    range.from > total ? Buffer.alloc(0) : bytes.subarray(starts[range.from - 1], starts[to] ?? bytes.length);
  const lines = range.from > total ? `none: the file has ${total}` : `${range.from}-${to}`;
  return { ...cut(part, bytesMax), lines, total_lines: total };
}

function cut(bytes: Buffer, bytesMax: number): ShownFile {
  if (bytes.length <= bytesMax) return { text: bytes.toString("utf8") };
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { text: bytes.toString("utf8", 0, end), truncated: true };
}
