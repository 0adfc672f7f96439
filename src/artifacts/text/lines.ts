/** A text's lines, each with the newline that ends it; the last may have none. Bytes are kept as Latin-1 characters. */
export function splitLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
    lines.push(bytes.toString("latin1", start, at + 1));
    start = at + 1;
  }
  if (start < bytes.length) lines.push(bytes.toString("latin1", start));
  return lines;
}

export function joinLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(""), "latin1");
}

/** Git's rule: content is binary when there is a NUL among its first 8,000 bytes. */
export function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8_000).includes(0);
}
