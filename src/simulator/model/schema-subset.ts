import type { JsonSchema } from "./prompt.ts";
import { isSchema } from "./sample.ts";

/** Which JSON Schemas a provider can hold an answer to. */
export interface SchemaSubset {
  /** Keywords that are refused wherever they stand. */
  readonly forbidden: ReadonlySet<string>;
  /** When given, nothing but these is taken. */
  readonly allowed?: ReadonlySet<string>;
  readonly rootIsObject: boolean;
  /** Every property must be in `required`. */
  readonly allRequired: boolean;
  /** Every object must have `additionalProperties: false`. */
  readonly closedObjects: boolean;
  readonly recursion: boolean;
  /** When given, other values of `format` are refused. */
  readonly formats?: ReadonlySet<string>;
  /** Keywords with the values they are limited to. */
  readonly limited?: Readonly<Record<string, readonly unknown[]>>;
}

export interface SubsetIssue {
  /** `["properties", "city"]`. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The first thing in a schema that is outside a provider's subset, or null. */
export function subsetIssue(schema: JsonSchema, subset: SchemaSubset): SubsetIssue | null {
  if (subset.rootIsObject && (schema.type !== "object" || "anyOf" in schema)) {
    const got = "anyOf" in schema ? "anyOf" : `type: ${JSON.stringify(schema.type ?? null)}`;
    return { path: [], message: `schema must be a JSON Schema of 'type: "object"', got '${got}'` };
  }
  return walk(schema, schema, subset, [], new Set());
}

function walk(
  schema: JsonSchema,
  root: JsonSchema,
  subset: SchemaSubset,
  path: readonly string[],
  opened: ReadonlySet<string>,
): SubsetIssue | null {
  for (const [keyword, value] of Object.entries(schema)) {
    const isTaken = subset.allowed ? subset.allowed.has(keyword) : !subset.forbidden.has(keyword);
    if (!isTaken) return { path, message: `'${keyword}' is not permitted` };
    if (keyword === "format" && subset.formats && !subset.formats.has(String(value))) {
      return { path, message: `format '${String(value)}' is not supported` };
    }
    const limited = subset.limited?.[keyword];
    if (limited && !limited.includes(value)) {
      return { path, message: `'${keyword}' may only be ${limited.map((one) => JSON.stringify(one)).join(" or ")}` };
    }
  }
  const objectIssue = issueOfObject(schema, subset, path);
  if (objectIssue) return objectIssue;
  if (typeof schema.$ref === "string" && !subset.recursion) {
    if (opened.has(schema.$ref)) return { path, message: `recursive reference '${schema.$ref}' is not supported` };
    const target = schema.$ref
      .split("/")
      .slice(1)
      .reduce<unknown>((at, key) => (isSchema(at) ? at[key] : null), root);
    if (!isSchema(target)) return { path, message: `reference '${schema.$ref}' can not be resolved` };
    return walk(target, root, subset, path, new Set([...opened, schema.$ref]));
  }
  for (const [at, inner] of innerSchemas(schema)) {
    const issue = walk(inner, root, subset, [...path, ...at], opened);
    if (issue) return issue;
  }
  return null;
}

function issueOfObject(schema: JsonSchema, subset: SchemaSubset, path: readonly string[]): SubsetIssue | null {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (!types.includes("object") && !isSchema(schema.properties)) return null;
  if (subset.closedObjects && schema.additionalProperties !== false) {
    return { path, message: "'additionalProperties' is required to be supplied and to be false" };
  }
  if (!subset.allRequired) return null;
  const properties = isSchema(schema.properties) ? Object.keys(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  const missing = properties.find((property) => !required.includes(property));
  if (missing === undefined) return null;
  return {
    path,
    message: `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'`,
  };
}

function* innerSchemas(schema: JsonSchema): Iterable<[path: string[], schema: JsonSchema]> {
  for (const keyword of ["properties", "$defs", "definitions"]) {
    const inner = schema[keyword];
    if (!isSchema(inner)) continue;
    for (const [name, value] of Object.entries(inner)) if (isSchema(value)) yield [[keyword, name], value];
  }
  for (const keyword of ["anyOf", "allOf", "oneOf", "prefixItems"]) {
    const inner = schema[keyword];
    if (!Array.isArray(inner)) continue;
    for (const [index, value] of inner.entries()) if (isSchema(value)) yield [[keyword, String(index)], value];
  }
  if (isSchema(schema.items)) yield [["items"], schema.items];
}
