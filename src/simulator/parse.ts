import type { z } from "zod";

/** What is wrong with a request's body, first fault first, for a provider to word. */
export interface FieldIssue {
  readonly kind: "unknown" | "missing" | "type" | "value" | "too_big" | "too_small";
  /** `["messages", 0, "content"]`. For an unknown field it ends with that field. */
  readonly path: readonly (string | number)[];
  /** What zod says of it. */
  readonly message: string;
  /** Of a wrong type: what was expected, as JSON Schema names it. */
  readonly expected: string | null;
  /** Of a wrong type: what was there, as JSON Schema names it. */
  readonly received: string;
  /** Of a wrong value: what would be right, when that is a list. */
  readonly allowed: readonly string[] | null;
  /** Of a number, string or list out of bounds: the bound. */
  readonly bound: number | null;
  /** What was there. */
  readonly value: unknown;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issue: FieldIssue };

/** Parses a body by a schema; the first issue is the one a person would name. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, value: result.data };
  const raw = flatten(result.error.issues as unknown as RawIssue[], [])[0];
  return { ok: false, issue: toFieldIssue(raw ?? { code: "custom", path: [], message: "invalid" }, body) };
}

interface RawIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly maximum?: number | bigint;
  readonly minimum?: number | bigint;
  readonly errors?: readonly (readonly RawIssue[])[];
  /** Of a discriminated union that knows no such variant. */
  readonly options?: readonly unknown[];
}

/** Opens unions: of a union's branches the one counts whose issue lies deepest, as the one that was meant. */
function flatten(issues: readonly RawIssue[], base: readonly PropertyKey[]): RawIssue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code !== "invalid_union" || !issue.errors || issue.errors.length === 0) return [{ ...issue, path }];
    const branches = issue.errors.map((branch) => flatten(branch, path));
    const depth = (branch: RawIssue[]) => Math.max(0, ...branch.map((inner) => inner.path.length));
    return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
  });
}

function toFieldIssue(issue: RawIssue, body: unknown): FieldIssue {
  const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
  const value = valueAt(body, path);
  const facts = {
    path,
    value,
    message: issue.message,
    expected: issue.expected ?? null,
    received: jsonType(value),
    allowed: issue.values ? issue.values.map(String) : null,
    bound: null,
  };
  if (issue.code === "unrecognized_keys") return { ...facts, kind: "unknown", path: [...path, issue.keys?.[0] ?? ""] };
  if (value === undefined) return { ...facts, kind: "missing" };
  if (issue.options) return { ...facts, kind: "value", allowed: issue.options.map(String) };
  if (issue.code === "invalid_type") return { ...facts, kind: "type" };
  if (issue.code === "too_big") return { ...facts, kind: "too_big", bound: Number(issue.maximum) };
  if (issue.code === "too_small") return { ...facts, kind: "too_small", bound: Number(issue.minimum) };
  return { ...facts, kind: "value" };
}

function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  let at = body;
  for (const segment of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[segment];
  }
  return at;
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
