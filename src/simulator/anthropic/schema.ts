import type { JsonSchema } from "../model/prompt.ts";
import { type SchemaSubset, subsetIssue } from "../model/schema-subset.ts";

const subset: SchemaSubset = {
  forbidden: new Set([
    "oneOf",
    "not",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "if",
    "then",
    "else",
  ]),
  rootIsObject: false,
  allRequired: false,
  closedObjects: true,
  recursion: false,
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]),
  limited: { minItems: [0, 1] },
};

/** What Anthropic has against the schema of a structured output or a strict tool, or null. */
export function schemaIssue(schema: JsonSchema): string | null {
  const issue = subsetIssue(schema, subset);
  if (!issue) return null;
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
