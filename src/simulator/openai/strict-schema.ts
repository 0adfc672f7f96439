import type { JsonSchema } from "../model/prompt.ts";
import { type SchemaSubset, subsetIssue } from "../model/schema-subset.ts";

/** Structured outputs, strict: the documented subset. */
const strict: SchemaSubset = {
  forbidden: new Set([
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "propertyNames",
    "patternProperties",
  ]),
  rootIsObject: true,
  allRequired: true,
  closedObjects: true,
  recursion: true,
};

/** What OpenAI has against a strict schema, or null. An `allOf` of a single reference is taken. */
export function strictSchemaIssue(schema: JsonSchema): string | null {
  const issue = subsetIssue(schema, strict) ?? allOfIssue(schema);
  if (!issue) return null;
  const context = issue.path.map((at) => `'${at}'`).join(", ");
  return `In context=(${context}), ${issue.message}.`;
}

function allOfIssue(schema: JsonSchema): { path: string[]; message: string } | null {
  let found = false;
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === "allOf" && Array.isArray(value)) {
      const [only] = value as JsonSchema[];
      found ||= value.length !== 1 || typeof only?.$ref !== "string";
    }
    if (key === "pattern" && typeof value === "string") found ||= /\(\?[=!<]/.test(value);
    return value;
  });
  return found ? { path: [], message: "'allOf' and regular expressions with lookaround are not permitted" } : null;
}
