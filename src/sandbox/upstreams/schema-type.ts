import type { Json } from "../../core/json.ts";

const depthMax = 6;
const charactersMax = 4_000;
/** Parts of a schema that are looked at: references can make a small one endless. */
const partsMax = 2_000;
const identifier = /^[A-Za-z_$][\w$]*$/;

type Schema = Readonly<Record<string, Json | undefined>>;

/**
 * A JSON Schema as a TypeScript type on one line, as short as it can be and still say what to pass: what a model reads
 * instead of the schema. `unknown` where the schema says nothing, or goes deeper than is useful.
 */
export function schemaType(schema: Json | undefined): string {
  const text = typeOf(schema, { root: schema, parts: 0 }, 0);
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}

interface Walk {
  readonly root: Json | undefined;
  parts: number;
}

function typeOf(schema: Json | undefined, walk: Walk, depth: number): string {
  if (schema === true || schema === undefined || depth > depthMax || ++walk.parts > partsMax) return "unknown";
  if (schema === false) return "never";
  if (!isSchema(schema)) return "unknown";
  const inner = (part: Json | undefined) => typeOf(part, walk, depth + 1);
  if (typeof schema.$ref === "string") return inner(resolve(schema.$ref, walk.root));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return union(schema.enum.map((value: Json) => JSON.stringify(value)));
  const any = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(any)) return union(any.map(inner));
  if (Array.isArray(schema.allOf)) return [...new Set(schema.allOf.map(inner))].join(" & ");
  if (Array.isArray(schema.type)) return union(schema.type.map((type: Json) => inner({ ...schema, type })));
  if (schema.type === "string") return "string";
  if (schema.type === "number" || schema.type === "integer") return "number";
  if (schema.type === "boolean" || schema.type === "null") return schema.type;
  if (schema.type === "array") return arrayOf(inner(schema.items));
  if (schema.type === "object" || schema.properties !== undefined) return objectType(schema, inner);
  return "unknown";
}

function objectType(schema: Schema, inner: (part: Json | undefined) => string): string {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const members = Object.entries(properties).map(([name, property]) => {
    const key = identifier.test(name) ? name : JSON.stringify(name);
    return `${key}${required.has(name) ? "" : "?"}: ${inner(property)}`;
  });
  if (members.length > 0) return `{ ${members.join("; ")} }`;
  return isSchema(schema.additionalProperties) ? `Record<string, ${inner(schema.additionalProperties)}>` : "{}";
}

function arrayOf(item: string): string {
  return /[ |&]/.test(item) && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ") || "never";
}

function resolve(reference: string, root: Json | undefined): Json | undefined {
  if (!reference.startsWith("#/")) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

function isSchema(value: Json | undefined): value is Schema & { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
