import { inferLimits } from "../core/limits.ts";
import type { InferArgs } from "./request.ts";

/** What the record of calls holds beyond what is needed to take a call up again. */
export interface RecordOptions {
  readonly prompts: boolean;
  /** Never written down, wherever they turn up: the providers' keys. */
  readonly secrets: readonly string[];
}

/** A request as the record keeps it: JSON without secrets, without the bytes of media, and cut at a bound. */
export function recordedRequest(args: InferArgs, { secrets }: RecordOptions): string {
  const text = JSON.stringify(args, withoutBytes);
  const clean = secrets.reduce((all, secret) => all.replaceAll(JSON.stringify(secret).slice(1, -1), "[key]"), text);
  return clean.slice(0, inferLimits.recordedRequestCharactersMax);
}

function withoutBytes(key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (key === "data" || /^data:[^,]{0,200};base64,/.test(value)) return `[${value.length} characters of media]`;
  return value;
}
