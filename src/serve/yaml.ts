/**
 * A JSON value as YAML 1.2: text that a model reads with fewer tokens than JSON and that loses nothing. Strings of
 * several lines become literal blocks, so code and prose keep their shape; their indentation sets them apart from
 * what we say ourselves. Members that are `undefined` are left out, as in JSON.
 */
export function toYaml(value: unknown): string {
  if (isScalar(value)) return `${scalar(value)}\n`;
  return block(value, "");
}

/** The lines of an object or array, each starting with `indent` and ending with a line feed. */
function block(value: object, indent: string): string {
  let text = "";
  if (Array.isArray(value)) {
    for (const item of value) text += `${indent}-${entry(item ?? null, indent, true)}`;
    return text === "" ? `${indent}[]\n` : text;
  }
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) text += `${indent}${keyText(key)}:${entry(member, indent, false)}`;
  }
  return text === "" ? `${indent}{}\n` : text;
}

/** What follows `key:` or `-`, with the line feed. */
function entry(value: unknown, indent: string, inList: boolean): string {
  const inner = `${indent}  `;
  if (typeof value === "string" && isBlockText(value)) return ` ${literal(value, inner)}`;
  if (isScalar(value)) return ` ${scalar(value)}\n`;
  const flow = flowText(value);
  if (flow !== undefined) return ` ${flow}\n`;
  // A list in a list cannot share its line with the outer dash as an object can.
  if (inList) return ` ${block(value, inner).slice(inner.length)}`;
  return `\n${block(value, inner)}`;
}

/** Short lists of scalars, and what is empty, on one line. */
function flowText(value: object): string | undefined {
  if (Array.isArray(value)) {
    if (value.length > 16 || !value.every((item) => isScalar(item))) return undefined;
    const text = `[${value.map((item) => flowScalar(item ?? null)).join(", ")}]`;
    return text.length <= 100 || value.length === 0 ? text : undefined;
  }
  return Object.values(value).every((member) => member === undefined) ? "{}" : undefined;
}

function literal(text: string, indent: string): string {
  const trailing = /\n*$/.exec(text)?.[0].length ?? 0;
  const chomp = trailing === 0 ? "-" : trailing === 1 ? "" : "+";
  const lines = (trailing === 0 ? text : text.slice(0, -1)).split("\n");
  const body = lines.map((line) => (line === "" ? "\n" : `${indent}${line}\n`)).join("");
  // The indentation must be said where the first line would hide it.
  const indicator = /^[\n ]/.test(text) ? "2" : "";
  return `|${indicator}${chomp}\n${body}`;
}

/** Only text that a literal block gives back exactly: printable, and no line of blanks alone. */
function isBlockText(text: string): boolean {
  return text.includes("\n") && !unprintable.test(text) && !/^[ \t]+$/m.test(text) && /[^\n]/.test(text);
}

function isScalar(value: unknown): value is string | number | boolean | null | undefined {
  return value === null || typeof value !== "object";
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  return plain.test(value) && !reserved.test(value) && !value.endsWith(" ") ? value : quoted(value);
}

function flowScalar(value: unknown): string {
  return typeof value === "string" && value.includes(",") ? quoted(value) : scalar(value);
}

function keyText(key: string): string {
  return plainKey.test(key) && !reserved.test(key) ? key : quoted(key);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(unprintableAll, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const plain = /^[A-Za-z_/][\w ./@+()=,;'"-]*$/;
const plainKey = /^[A-Za-z_][\w./-]*$/;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
/** Control characters, what YAML does not take as it is, and halves of surrogate pairs. */
const unprintable = /[^\P{Cc}\t\n]|[\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/u;
/** Of those, what JSON leaves unescaped. */
const unprintableAll = /\p{Cc}|[\u2028\u2029\ufeff\ufffe\uffff]/gu;
