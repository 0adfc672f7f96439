import { invalid } from "./new-memory.ts";

/** The value itself. @throws invalid_request when it is past the bound, naming the field and the bound. */
export function bounded(field: string, value: number, max: number): number {
  if (value <= max) return value;
  throw invalid(field, `${field} is ${value}, more than ${max}`, `Give at most ${max}`);
}
