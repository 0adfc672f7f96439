import { asObject, type JsonObject } from "../narrow.ts";
import type { UnsupportedField } from "../unsupported.ts";
import type { SchemaProfile } from "./profile.ts";
import { refersToItself } from "./reference.ts";

const depthMax = 64;
/** Annotations that mean nothing to a model. */
const dropped = new Set([
  "$schema",
  "$id",
  "$comment",
  "$anchor",
  "examples",
  "example",
  "default",
  "deprecated",
  "readOnly",
  "writeOnly",
]);
/** Kept as they are where the profile does not describe them. */
const kept = new Set([
  "type",
  "title",
  "description",
  "enum",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "pattern",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "contentEncoding",
  "contentMediaType",
]);
/** One of these says what a value is. */
const typing = ["type", "anyOf", "$ref", "enum", "const"];
const maps = ["$defs", "definitions"];

export interface ConvertedSchema {
  readonly schema: Record<string, unknown>;
  /** What the profile cannot express. The schema is only to be sent when this is empty. */
  readonly unsupported: readonly UnsupportedField[];
}

/**
 * Rewrites a JSON Schema into the part of it that a provider can hold an answer to, without widening what is allowed
 * except where the profile says that a constraint is described instead.
 */
export function convertSchema(schema: JsonObject, profile: SchemaProfile): ConvertedSchema {
  const conversion = new Conversion(profile, schema);
  const converted = conversion.node(schema, "response_schema", 0);
  if (!isObjectSchema(schema))
    conversion.refuse("response_schema", "its outermost value has to be an object", "a schema of the type object");
  return { schema: converted, unsupported: conversion.unsupported };
}

class Conversion {
  readonly unsupported: UnsupportedField[] = [];
  readonly #profile: SchemaProfile;
  readonly #root: JsonObject;

  constructor(profile: SchemaProfile, root: JsonObject) {
    this.#profile = profile;
    this.#root = root;
  }

  refuse(field: string, reason: string, allowed?: string): void {
    this.unsupported.push({
      field,
      reason: `${this.#profile.name} cannot express it: ${reason}`,
      allowed,
      droppable: false,
    });
  }

  node(value: unknown, path: string, depth: number): Record<string, unknown> {
    const schema = asObject(value);
    if (!schema || depth > depthMax) {
      this.refuse(path, schema ? `it is nested deeper than ${depthMax}` : "it is not a schema object");
      return {};
    }
    const only = this.#singleBranch(schema);
    if (only) return this.node(only, path, depth + 1);
    const out: Record<string, unknown> = {};
    const hints: string[] = [];
    for (const [key, inner] of Object.entries(schema)) this.#keyword(out, hints, key, inner, path, depth);
    if (isObjectSchema(schema)) this.#close(out, schema, path);
    if (this.#profile.closedObjects && !typing.some((key) => key in out))
      this.refuse(path, "the type of every value has to be said");
    if (hints.length > 0) {
      const said = typeof out.description === "string" ? `${out.description} ` : "";
      out.description = `${said}(${hints.join(", ")})`;
    }
    return out;
  }

  #keyword(
    out: Record<string, unknown>,
    hints: string[],
    key: string,
    value: unknown,
    path: string,
    depth: number,
  ): void {
    if (dropped.has(key) || value === undefined) return;
    const at = `${path}.${key}`;
    if (this.#profile.described.has(key) && !(key === "minItems" && (value === 0 || value === 1))) {
      hints.push(`${key}: ${JSON.stringify(value)}`);
    } else if (key === "format") {
      if (this.#profile.formats?.has(String(value)) === false) hints.push(`format: ${JSON.stringify(value)}`);
      else out.format = value;
    } else if (key === "const") {
      if (this.#profile.constAsEnum) out.enum = [value];
      else out.const = value;
    } else if (key === "properties" || maps.includes(key)) {
      out[key] = Object.fromEntries(
        Object.entries(asObject(value) ?? {}).map(([name, inner]) => [
          name,
          this.node(inner, `${at}.${name}`, depth + 1),
        ]),
      );
    } else if (key === "items" && asObject(value)) {
      out.items = this.node(value, at, depth + 1);
    } else if (key === "anyOf" || key === "oneOf") {
      if (path === "response_schema") this.refuse(at, "its outermost value cannot be a choice");
      out.anyOf = this.#branches(value, at, depth);
    } else if (key === "prefixItems" && !this.#profile.closedObjects) {
      out.prefixItems = this.#branches(value, at, depth);
    } else if (key === "$ref") {
      this.#reference(out, value, at);
    } else if (key === "required" || key === "additionalProperties") {
      if (key === "required" || !this.#profile.closedObjects) out[key] = value;
    } else if (kept.has(key)) {
      out[key] = value;
    } else if (key !== "propertyNames" || !isPlainString(value)) {
      this.refuse(at, `it does not know "${key}"`);
    }
  }

  #branches(value: unknown, path: string, depth: number): unknown[] {
    return Array.isArray(value) ? value.map((one, at) => this.node(one, `${path}[${at}]`, depth + 1)) : [];
  }

  /** `allOf` of one branch says what the branch says. */
  #singleBranch(schema: JsonObject): JsonObject | undefined {
    const { allOf, ...rest } = schema;
    const branch = Array.isArray(allOf) && allOf.length === 1 ? asObject(allOf[0]) : undefined;
    return branch && Object.keys(rest).every((key) => !(key in branch)) ? { ...branch, ...rest } : undefined;
  }

  #reference(out: Record<string, unknown>, value: unknown, path: string): void {
    if (typeof value !== "string" || !value.startsWith("#")) this.refuse(path, "it can only refer to itself");
    else if (!this.#profile.recursion && refersToItself(this.#root, value)) this.refuse(path, "it cannot be recursive");
    else out.$ref = value;
  }

  #close(out: Record<string, unknown>, schema: JsonObject, path: string): void {
    const names = Object.keys(asObject(schema.properties) ?? {});
    if (this.#profile.closedObjects) {
      const open = schema.additionalProperties;
      if (open !== undefined && open !== false) {
        this.refuse(`${path}.additionalProperties`, "an object's keys have to be named", "named properties");
      }
      out.additionalProperties = false;
    }
    if (!this.#profile.allRequired) return;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const properties = asObject(out.properties) ?? {};
    out.properties = Object.fromEntries(
      names.map((name) => [name, required.has(name) ? properties[name] : nullable(properties[name])]),
    );
    out.required = names;
  }
}

/** Whether a schema is one of an object, said or implied. */
export function isObjectSchema(schema: JsonObject): boolean {
  return schema.type === "object" || (schema.type === undefined && asObject(schema.properties) !== undefined);
}

/** Whether a schema already accepts null. */
export function acceptsNull(value: unknown): boolean {
  const schema = asObject(value);
  if (!schema) return false;
  if (schema.type === "null" || schema.const === null || schema.nullable === true) return true;
  if (Array.isArray(schema.type) && schema.type.includes("null")) return true;
  if (Array.isArray(schema.enum) && schema.enum.includes(null)) return true;
  return [schema.anyOf, schema.oneOf].some((branches) => Array.isArray(branches) && branches.some(acceptsNull));
}

function nullable(value: unknown): unknown {
  const schema = asObject(value) ?? {};
  if (acceptsNull(schema)) return schema;
  if (typeof schema.type === "string" && !("enum" in schema) && !("const" in schema))
    return { ...schema, type: [schema.type, "null"] };
  return { anyOf: [schema, { type: "null" }] };
}

/** `propertyNames` that says only that names are strings, as generators write it. */
function isPlainString(value: unknown): boolean {
  const schema = asObject(value);
  return schema !== undefined && Object.keys(schema).length === 1 && schema.type === "string";
}
