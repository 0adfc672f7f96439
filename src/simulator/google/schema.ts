import type { JsonSchema } from "../model/prompt.ts";
import { type SchemaSubset, subsetIssue } from "../model/schema-subset.ts";

/** The OpenAPI subset of `parameters` and `responseSchema`. */
const openApi: SchemaSubset = {
  forbidden: new Set(),
  allowed: new Set([
    "type",
    "title",
    "format",
    "description",
    "nullable",
    "enum",
    "items",
    "properties",
    "required",
    "anyOf",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "default",
    "propertyOrdering",
  ]),
  rootIsObject: false,
  allRequired: false,
  closedObjects: false,
  recursion: true,
};

/** JSON Schema, as far as `parametersJsonSchema` and `responseJsonSchema` go. */
const jsonSchema: SchemaSubset = {
  forbidden: new Set(["const", "not", "if", "then", "else", "allOf", "dependentSchemas", "patternProperties"]),
  rootIsObject: false,
  allRequired: false,
  closedObjects: false,
  recursion: true,
};

/** What Google has against a schema in the OpenAPI form, or null. */
export function openApiSchemaIssue(schema: JsonSchema, field: string): string | null {
  const issue = subsetIssue(schema, openApi);
  if (!issue) return null;
  const at = [field, ...issue.path].join(".");
  const name = /^'([^']+)'/.exec(issue.message)?.[1] ?? "";
  return `Invalid JSON payload received. Unknown name "${name}" at '${at}': Cannot find field.`;
}

/** What Google has against a schema in the JSON Schema form, or null. */
export function jsonSchemaIssue(schema: JsonSchema, field: string): string | null {
  const issue = subsetIssue(schema, jsonSchema);
  return issue ? `Invalid schema at '${[field, ...issue.path].join(".")}': ${issue.message}` : null;
}
