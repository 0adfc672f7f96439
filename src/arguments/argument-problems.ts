import type { z } from "zod";
import { serveLimits } from "../core/limits.ts";
import { closestName } from "./did-you-mean.ts";

/** One thing that is wrong with a call's arguments; `field` and `problem` read as a sentence. */
export interface ArgumentProblem {
  /** `messages[0].content`, or `arguments` for the whole. */
  readonly field: string;
  readonly problem: string;
  readonly allowed?: readonly string[];
  readonly did_you_mean?: string;
}

/** zod's issues as sentences, with the names or values that `schema` allows at each place. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], given: unknown, schema: object): ArgumentProblem[] {
  return issues.flatMap((issue) => describe(issue, issue.path, given, schema));
}

function describe(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  given: unknown,
  schema: object,
): ArgumentProblem[] {
  const field = formatPath(path);
  const value = valueAt(given, path);
  switch (issue.code) {
    case "unrecognized_keys":
      // Only the first ones are shown: looking for what the others meant would take as long as there are many.
      return issue.keys.map((key, at) =>
        at < serveLimits.argumentProblemsMax
          ? unknownName(key, path, schema)
          : { field: clip(key), problem: "is not an argument" },
      );
    case "invalid_type":
      if (value === undefined) return [{ field, problem: `is required (${article(issue.expected)})` }];
      return [{ field, problem: `must be ${article(issue.expected)}, not ${article(kindOf(value))}` }];
    case "invalid_value":
      return [wrongValue(field, value, issue.values.map(String))];
    case "invalid_union":
      if (issue.errors.length === 0 && "options" in issue && Array.isArray(issue.options)) {
        return [wrongValue(field, value, issue.options.map(String))];
      }
      return describeUnion(issue, path, given, schema);
    default:
      return [{ field, problem: `is not valid: ${lowerFirst(issue.message)}` }];
  }
}

/** The branch that came furthest, or, when none got past the value's kind, the kinds that would do. */
function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: readonly PropertyKey[],
  given: unknown,
  schema: object,
): ArgumentProblem[] {
  const kinds = new Set<string>();
  let best: readonly z.core.$ZodIssue[] | undefined;
  let bestDepth = -1;
  for (const branch of issue.errors) {
    const first = branch[0];
    if (first === undefined) continue;
    if (first.code === "invalid_type" && first.path.length === 0) {
      kinds.add(article(first.expected));
      continue;
    }
    const depth = Math.max(...branch.map((inner) => inner.path.length));
    if (depth > bestDepth || (depth === bestDepth && branch.length < (best?.length ?? 0))) {
      best = branch;
      bestDepth = depth;
    }
  }
  if (best !== undefined) {
    return best.flatMap((inner) => describe(inner, [...path, ...inner.path], given, schema));
  }
  const value = valueAt(given, path);
  const wanted = kinds.size === 0 ? "of another shape" : [...kinds].join(" or ");
  if (value === undefined) return [{ field: formatPath(path), problem: `is required (${wanted})` }];
  return [{ field: formatPath(path), problem: `must be ${wanted}, not ${article(kindOf(value))}` }];
}

function unknownName(key: string, path: readonly PropertyKey[], schema: object): ArgumentProblem {
  const allowed = namesAt(schema, path);
  const meant = closestName(key, allowed);
  const field = formatPath([...path, clip(key)]);
  const hint = meant === undefined ? "" : `, did you mean ${meant}?`;
  const names = allowed.length === 0 ? "" : ` (allowed: ${allowed.join(", ")})`;
  return {
    field,
    problem: `is not an argument${hint}${names}`,
    allowed,
    ...(meant === undefined ? {} : { did_you_mean: meant }),
  };
}

function wrongValue(field: string, value: unknown, allowed: readonly string[]): ArgumentProblem {
  if (value === undefined) return { field, problem: `is required (one of ${allowed.join(", ")})`, allowed };
  const meant = typeof value === "string" ? closestName(value, allowed) : undefined;
  const hint = meant === undefined ? "" : `, did you mean ${meant}?`;
  return {
    field,
    problem: `must be ${allowed.length === 1 ? "" : "one of "}${allowed.join(", ")}${hint}`,
    allowed,
    ...(meant === undefined ? {} : { did_you_mean: meant }),
  };
}

/** The member names a JSON Schema allows at a path, over all branches of its unions. */
function namesAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const names = new Set<string>();
  const visit = (node: unknown, at: number) => {
    if (typeof node !== "object" || node === null) return;
    const { anyOf, oneOf, allOf, properties, items, additionalProperties } = node as Record<string, unknown>;
    for (const branches of [anyOf, oneOf, allOf]) {
      if (Array.isArray(branches)) for (const branch of branches) visit(branch, at);
    }
    const step = path[at];
    if (step === undefined) {
      if (isRecord(properties)) for (const name of Object.keys(properties)) names.add(name);
    } else if (typeof step === "number") visit(items, at + 1);
    else if (isRecord(properties) && Object.hasOwn(properties, step)) visit(properties[String(step)], at + 1);
    else visit(additionalProperties, at + 1);
  };
  visit(schema, 0);
  return [...names];
}

function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text === "" ? "arguments" : text;
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function article(kind: string): string {
  if (kind === "null" || kind === "undefined") return kind;
  const word = kind === "int" ? "integer" : kind === "record" ? "object" : kind;
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}

function clip(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
