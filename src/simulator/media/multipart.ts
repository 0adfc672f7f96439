export interface FormPart {
  readonly name: string;
  /** Null for a plain field. */
  readonly filename: string | null;
  readonly contentType: string | null;
  readonly data: Buffer;
}

const blankLine = Buffer.from("\r\n\r\n");

/** The parts of a `multipart/form-data` body in order, or null when it is none. */
export function parseMultipart(contentType: string | undefined, body: Buffer): FormPart[] | null {
  const boundary = /^multipart\/form-data;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? "");
  const mark = boundary?.[1] ?? boundary?.[2];
  if (!mark) return null;
  const delimiter = Buffer.from(`--${mark}`);
  const parts: FormPart[] = [];
  let start = body.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length;
    if (body.toString("latin1", from, from + 2) === "--") return parts;
    const next = body.indexOf(delimiter, from);
    if (next < 0) return null;
    const part = readPart(body.subarray(from + 2, next - 2));
    if (!part) return null;
    parts.push(part);
    start = next;
  }
  return null;
}

function readPart(bytes: Buffer): FormPart | null {
  const end = bytes.indexOf(blankLine);
  if (end < 0) return null;
  const head = bytes.toString("utf8", 0, end);
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return null;
  const filename = /\bfilename\*?="?([^";\r\n]*)"?/i.exec(head)?.[1] ?? null;
  const contentType = /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? null;
  return { name, filename, contentType, data: bytes.subarray(end + blankLine.length) };
}

/** A form's fields: the plain ones as texts, the files apart. A name that ends in `[]` is a list, as is one that repeats. */
export interface Form {
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  readonly files: readonly FormPart[];
}

/** Sorts a form's parts. Empty brackets at a name's end are dropped. */
export function readForm(parts: readonly FormPart[]): Form {
  const fields: Record<string, string | string[]> = {};
  for (const part of parts) {
    if (part.filename !== null) continue;
    const name = part.name.replace(/\[\]$/, "");
    const value = part.data.toString("utf8");
    const before = fields[name];
    if (before === undefined) fields[name] = part.name.endsWith("[]") ? [value] : value;
    else fields[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return { fields, files: parts.filter(({ filename }) => filename !== null) };
}
