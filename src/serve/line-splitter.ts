/** One line of input, or what is left of one that was longer than the bound. */
export type Line =
  | { readonly kind: "line"; readonly bytes: Buffer }
  | { readonly kind: "too_long"; readonly head: Buffer; readonly tail: Buffer; readonly length: number };

export interface LineSplitterOptions {
  readonly lineBytesMax: number;
  /** Bytes kept of each end of a line over the bound. */
  readonly endBytes: number;
}

/**
 * Splits chunks into lines at line feeds, in time linear in the input and in memory bounded by `lineBytesMax`: of a
 * longer line only both ends are kept, and the lines after it come out as if it had not been there.
 */
export function lineSplitter({ lineBytesMax, endBytes }: LineSplitterOptions): (chunk: Buffer) => Line[] {
  let parts: Buffer[] = [];
  let length = 0;
  let head: Buffer | undefined;
  let tail = Buffer.alloc(0);

  const take = (piece: Buffer) => {
    if (piece.length === 0) return;
    length += piece.length;
    if (head === undefined) {
      parts.push(piece);
      if (length <= lineBytesMax) return;
      const all = Buffer.concat(parts);
      parts = [];
      // Copies, so that the ends do not keep the whole line alive.
      head = Buffer.from(all.subarray(0, endBytes));
      tail = Buffer.from(all.subarray(-endBytes));
    } else {
      tail = Buffer.from(Buffer.concat([tail, piece.subarray(-endBytes)]).subarray(-endBytes));
    }
  };

  const end = (): Line => {
    const line: Line =
      head === undefined
        ? { kind: "line", bytes: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts) }
        : { kind: "too_long", head, tail, length };
    parts = [];
    length = 0;
    head = undefined;
    return line;
  };

  return (chunk) => {
    const lines: Line[] = [];
    let start = 0;
    for (let feed = chunk.indexOf(lineFeed); feed !== -1; feed = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, feed));
      lines.push(end());
      start = feed + 1;
    }
    take(chunk.subarray(start));
    return lines;
  };
}

const lineFeed = 0x0a;
