import type { JsonSchema } from "./prompt.ts";

/** Deeper than this a recursive schema is closed with null, an empty list or an empty object. */
const depthMax = 6;

/** A value that a JSON Schema (or Gemini's upper-case dialect of it) accepts; the same for the same schema. */
export function sampleOf(schema: JsonSchema): unknown {
  return sample(schema, schema, "value", 0);
}

function sample(schema: JsonSchema, root: JsonSchema, name: string, depth: number): unknown {
  if (typeof schema.$ref === "string") {
    const target = resolve(root, schema.$ref);
    return target ? sample(target, root, name, depth + 1) : null;
  }
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) {
    const schemas = choices.filter(isSchema);
    const closing = schemas.find((choice) => typeOf(choice) === "null");
    const chosen = depth >= depthMax && closing ? closing : (schemas.find((choice) => choice !== closing) ?? closing);
    return chosen ? sample(chosen, root, name, depth + 1) : null;
  }
  if (Array.isArray(schema.allOf)) {
    const merged = Object.assign({}, ...schema.allOf.filter(isSchema), { allOf: undefined }) as JsonSchema;
    return sample(merged, root, name, depth + 1);
  }
  return sampleOfType(typeOf(schema), schema, root, name, depth);
}

function sampleOfType(type: string, schema: JsonSchema, root: JsonSchema, name: string, depth: number): unknown {
  switch (type) {
    case "object": {
      const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
      const required = Array.isArray(schema.required) ? schema.required : [];
      const kept = depth >= depthMax ? properties.filter(([key]) => required.includes(key)) : properties;
      return Object.fromEntries(
        kept.map(([key, value]) => [key, isSchema(value) ? sample(value, root, key, depth + 1) : null]),
      );
    }
    case "array": {
      const least = Number(schema.minItems ?? 0);
      const length = Math.max(least, depth >= depthMax ? 0 : 1);
      const items = isSchema(schema.items) ? schema.items : {};
      return Array.from({ length }, () => sample(items, root, name, depth + 1));
    }
    case "integer":
      return Math.ceil(Number(schema.minimum ?? 1));
    case "number":
      return Number(schema.minimum ?? 1.5);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return sampleOfString(schema, name);
  }
}

const formats: Readonly<Record<string, string>> = {
  "date-time": "2026-01-02T03:04:05Z",
  date: "2026-01-02",
  time: "03:04:05Z",
  duration: "PT5M",
  email: "simulated@example.test",
  hostname: "example.test",
  uri: "https://example.test/",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function sampleOfString(schema: JsonSchema, name: string): string {
  const format = typeof schema.format === "string" ? formats[schema.format] : undefined;
  if (format !== undefined) return format;
  const text = `simulated ${name}`.padEnd(Number(schema.minLength ?? 0), ".");
  return schema.maxLength === undefined ? text : text.slice(0, Number(schema.maxLength));
}

function typeOf(schema: JsonSchema): string {
  const { type } = schema;
  if (typeof type === "string") return type.toLowerCase();
  if (Array.isArray(type)) return String(type.find((one) => one !== "null") ?? "null");
  return isSchema(schema.properties) ? "object" : "string";
}

function resolve(root: JsonSchema, ref: string): JsonSchema | null {
  let at: unknown = root;
  for (const segment of ref.split("/").slice(1)) {
    const key = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    at = isSchema(at) ? at[key] : undefined;
  }
  return isSchema(at) ? at : null;
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
