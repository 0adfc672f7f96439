import { asObject, type JsonObject } from "../narrow.ts";
import { acceptsNull } from "./convert.ts";
import { resolveReference } from "./reference.ts";

const depthMax = 64;

/**
 * Takes out the nulls that stand for optional properties. Strict mode knows no optional property, so `convertSchema`
 * makes them nullable; the answer then has to be read back against the schema that the caller wrote.
 */
export function withoutAddedNulls(value: unknown, schema: JsonObject): unknown {
  return strip(value, schema, schema, 0);
}

function strip(value: unknown, schema: unknown, root: JsonObject, depth: number): unknown {
  const known = dereference(schema, root);
  if (!known || depth > depthMax) return value;
  if (Array.isArray(value)) return value.map((item) => strip(item, known.items, root, depth + 1));
  const record = asObject(value);
  if (!record) return value;
  const choices = [known.anyOf, known.oneOf, known.allOf].flatMap((branches) =>
    Array.isArray(branches) ? branches : [],
  );
  const fitting = choices.map((branch) => dereference(branch, root)).find((branch) => branch && fits(record, branch));
  if (fitting) return strip(value, fitting, root, depth + 1);
  const properties = asObject(known.properties);
  if (!properties) return value;
  const required = new Set(Array.isArray(known.required) ? known.required : []);
  return Object.fromEntries(
    Object.entries(record)
      .filter(
        ([name, inner]) =>
          !(
            inner === null &&
            Object.hasOwn(properties, name) &&
            !required.has(name) &&
            !acceptsNull(dereference(properties[name], root))
          ),
      )
      .map(([name, inner]) => [name, strip(inner, properties[name], root, depth + 1)]),
  );
}

/** Whether an object can be of a branch: it has what is required, and constants agree. */
function fits(record: JsonObject, branch: JsonObject): boolean {
  const properties = asObject(branch.properties);
  if (!properties) return false;
  const required = Array.isArray(branch.required) ? branch.required : [];
  if (!required.every((name) => Object.hasOwn(record, String(name)))) return false;
  if (!Object.keys(record).every((name) => Object.hasOwn(properties, name))) return false;
  return Object.entries(properties).every(([name, inner]) => {
    const constant = asObject(inner);
    return constant?.const === undefined || !Object.hasOwn(record, name) || record[name] === constant.const;
  });
}

function dereference(schema: unknown, root: JsonObject): JsonObject | undefined {
  let known = asObject(schema);
  for (let hops = 0; known && typeof known.$ref === "string" && hops < 16; hops++) {
    known = asObject(resolveReference(root, known.$ref));
  }
  return known;
}
