/**
 * Cuts text that comes in pieces into lines, which \n or \r\n ends and nothing else: JSON holds U+2028 and U+2029 as they
 * are, and node:readline ends a line at them too.
 */
export class Lines {
  #begun: string[] = [];

  /** The lines that this piece ends. */
  add(text: string): string[] {
    const lines = text.split("\n");
    const rest = lines.pop() ?? "";
    const [first] = lines;
    if (first !== undefined) {
      lines[0] = [...this.#begun, first].join("");
      this.#begun = [];
    }
    this.#begun.push(rest);
    return lines.map(withoutReturn);
  }

  /** The last line, which nothing ended, if there is anything of it. */
  end(): string[] {
    const rest = this.#begun.join("");
    this.#begun = [];
    return rest === "" ? [] : [withoutReturn(rest)];
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** The lines of a stream of text. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const lines = new Lines();
  for await (const piece of pieces) yield* lines.add(piece);
  yield* lines.end();
}
