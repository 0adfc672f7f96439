import { z } from "zod";

/** A JSON Schema 2020-12 object whose root describes an object. */
export interface ObjectSchema {
  readonly type: "object";
  readonly [keyword: string]: unknown;
}

/**
 * What a tool takes, as listed: without `$schema` on every tool and without the bounds zod writes on every integer,
 * both of which cost a host tokens and say nothing.
 */
export function inputJsonSchema(schema: z.ZodType): ObjectSchema {
  return { ...render(schema, "input"), type: "object" };
}

/**
 * What a tool answers, as listed. A failed call answers `{ error }` in the same place, and clients of the older SDK
 * check that against this schema too, so either the success's members are required or `error` is.
 */
export function outputJsonSchema(schema: z.ZodType): ObjectSchema {
  const { required, anyOf, oneOf, ...rest } = render(schema, "output");
  const branches = [...(isNonEmpty(anyOf) ? anyOf : []), ...(isNonEmpty(oneOf) ? oneOf : [])];
  if (isNonEmpty(required)) branches.push({ required });
  if (branches.length === 0) return { ...rest, type: "object" };
  return { ...rest, type: "object", anyOf: [...branches, { required: ["error"] }] };
}

function render(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...rendered } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema, io),
  });
  return withSingleTypes(rendered) as Record<string, unknown>;
}

function tidy(schema: z.core.JSONSchema.BaseSchema, io: "input" | "output"): void {
  // A format says it in a word; zod's pattern for a date alone is two hundred tokens.
  if (schema.format !== undefined) delete schema.pattern;
  if (isEmpty(schema.properties)) delete schema.properties;
  if (isEmpty(schema.additionalProperties)) schema.additionalProperties = true;
  if (schema.type === "integer") {
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  }
  const names = schema.propertyNames;
  if (typeof names === "object" && Object.keys(names).length === 1 && names.type === "string") {
    delete schema.propertyNames;
  }
  // An answer may grow members; a client that kept an old schema must still accept it.
  if (io === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
}

function isNonEmpty(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > 0;
}

/**
 * `{"type": ["string", "null"]}`, as zod writes it, spelt with `anyOf`: hosts that map schemas to a dialect with one
 * type each would reject the tool.
 */
function withSingleTypes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withSingleTypes);
  if (typeof node !== "object" || node === null) return node;
  const { type, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withSingleTypes(value)]),
  );
  if (Array.isArray(type)) return { ...rest, anyOf: type.map((one: unknown) => ({ type: one })) };
  return type === undefined ? rest : { type, ...rest };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
