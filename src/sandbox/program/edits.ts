/**
 * From this column of this line on, the rewritten text is `by` columns to the right of the user's (1-based; the last
 * one before a position holds).
 */
export interface Shift {
  readonly line: number;
  readonly column: number;
  readonly by: number;
}

export interface Rewritten {
  readonly source: string;
  readonly shifts: readonly Shift[];
}

/** Changes to a text that leave every line where it was and remember how columns moved. */
export class Edits {
  #source: string;
  #edits: { start: number; end: number; text: string }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** Puts `text`, without line breaks, in place of what is from `start` to `end`. Edits do not overlap. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** `head` and `tail` go around the whole. */
  apply(head = "", tail = ""): Rewritten {
    const shifts: Shift[] = [];
    let source = head;
    let end = 0;
    const mark = (userIndex: number) => {
      const column = columnAt(source, source.length);
      const by = column - columnAt(this.#source, userIndex);
      if (by !== 0) shifts.push({ line: lineAt(this.#source, userIndex), column, by });
    };
    mark(0);
    for (const edit of this.#edits.sort((a, b) => a.start - b.start || a.end - b.end)) {
      const replaced = this.#source.slice(edit.start, edit.end);
      source += this.#source.slice(end, edit.start) + edit.text + "\n".repeat(replaced.split("\n").length - 1);
      end = edit.end;
      mark(end);
    }
    return { source: source + this.#source.slice(end) + tail, shifts };
  }
}

function columnAt(text: string, index: number): number {
  return index - (text.lastIndexOf("\n", index - 1) + 1) + 1;
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
