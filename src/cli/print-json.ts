import { isoTime } from "../core/clock.ts";
import { formatUsd } from "../core/money.ts";

/** Prints a result as the tools write theirs: snake_case, money as decimal text, times in ISO 8601. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(toWire(value), null, 2));
}

function toWire(value: unknown, name = ""): unknown {
  if (typeof value === "bigint") return formatUsd(value);
  if (typeof value === "number" && /At$|^at$/.test(name)) return isoTime(value);
  if (Array.isArray(value)) return value.map((item) => toWire(item));
  if (typeof value !== "object" || value === null) return value;
  // What people name themselves (metadata) keeps its names.
  const isTheirs = name === "metadata";
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [isTheirs ? key : snakeCase(key), toWire(inner, isTheirs ? "" : key)]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
