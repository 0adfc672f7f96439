/**
 * Reading what a provider sent: unknown values narrowed one field at a time. Stream events come by the hundred
 * thousand, so this is plain `typeof`, and a field of the wrong type is an absent field.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Text with something in it. */
export function asWord(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A count: a finite number that is not negative, also as digits in a string (how protobuf's JSON writes int64). */
export function asCount(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The JSON object that a text holds, or undefined when it holds anything else. */
export function parseObject(text: string): JsonObject | undefined {
  return asObject(parseJson(text));
}

/** The JSON value that a text holds, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A table's entry for a word from outside, which may also be the name of something every object has. */
export function lookup<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** A copy without the members that are undefined, so that bodies and usages hold only what is known. */
export function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) known[name] = value;
  return known as never;
}
