import { jsonArg, type Native, textArg } from "./native.ts";

const cellsMax = 1_000_000;

/** RFC 4180, with any one-character separator, line feeds or carriage returns, and quotes doubled inside quotes. */
function parseCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cells = 0;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const push = (cell: string) => {
    if (++cells > cellsMax) throw new TypeError(`more than ${cellsMax} cells`);
    row.push(cell);
  };
  while (at < text.length) {
    if (text[at] === '"') {
      let cell = "";
      let from = at + 1;
      for (;;) {
        const quote = text.indexOf('"', from);
        if (quote < 0) throw new TypeError(`the quote in row ${rows.length + 1} is not closed`);
        cell += text.slice(from, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        cell += '"';
        from = at + 1;
      }
      push(cell);
    } else {
      let end = at;
      while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++;
      push(text.slice(at, end));
      at = end;
    }
    if (text[at] === separator) {
      at++;
      if (at === text.length) push("");
      continue;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function formatCell(value: unknown, separator: string): string {
  const text =
    value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  return /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
}

function separatorOf(value: unknown): string {
  const separator = value ?? ",";
  if (typeof separator !== "string" || separator.length !== 1 || '"\r\n'.includes(separator)) {
    throw new TypeError("separator is not one character");
  }
  return separator;
}

export const csvNatives: Readonly<Record<string, Native>> = {
  /** Rows as objects by the header row, or as arrays. */
  "csv.parse": (args) => {
    const options = jsonArg(args, 1) as { header?: unknown; separator?: unknown };
    const rows = parseCsv(textArg(args, 0), separatorOf(options.separator));
    if (options.header === false) return JSON.stringify(rows);
    const [names = [], ...body] = rows;
    return JSON.stringify(
      body.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]))),
    );
  },

  "csv.format": (args) => {
    const rows = jsonArg(args, 0);
    if (!Array.isArray(rows)) throw new TypeError("an argument is not a list of rows");
    const separator = separatorOf((jsonArg(args, 1) as { separator?: unknown }).separator);
    const line = (cells: readonly unknown[]) => cells.map((cell) => formatCell(cell, separator)).join(separator);
    const [first] = rows as unknown[];
    if (Array.isArray(first)) return JSON.stringify((rows as unknown[][]).map(line).join("\n"));
    const records = rows as Record<string, unknown>[];
    const names = [...new Set(records.flatMap((record) => Object.keys(record ?? {})))];
    return JSON.stringify(
      [line(names), ...records.map((record) => line(names.map((name) => record?.[name])))].join("\n"),
    );
  },
};
