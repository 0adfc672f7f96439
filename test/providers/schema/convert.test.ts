import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { withoutAddedNulls } from "../../../src/providers/schema/added-nulls.ts";
import { convertSchema } from "../../../src/providers/schema/convert.ts";
import {
  anthropicFormat,
  googleJsonSchema,
  openaiStrict,
  type SchemaProfile,
} from "../../../src/providers/schema/profile.ts";

const profiles = { openaiStrict, anthropicFormat, googleJsonSchema };
const fields = (schema: Record<string, unknown>, profile: SchemaProfile) =>
  convertSchema(schema, profile).unsupported.map((one) => one.field);
const object = (properties: Record<string, unknown>, rest: object = {}) => ({ type: "object", properties, ...rest });

describe("strict mode", () => {
  test("optional properties become nullable, objects are closed, definitions too", () => {
    const schema = object(
      {
        a: { type: "string" },
        b: { enum: ["x", "y"] },
        c: { $ref: "#/$defs/node" },
        d: { type: ["string", "null"] },
        e: { type: "array", items: object({ f: { type: "integer" } }, { required: ["f"] }) },
      },
      { required: ["e"], $defs: { node: object({ next: { $ref: "#/$defs/node" } }) } },
    );
    expect(convertSchema(schema, openaiStrict)).toEqual({
      unsupported: [],
      schema: {
        type: "object",
        properties: {
          a: { type: ["string", "null"] },
          b: { anyOf: [{ enum: ["x", "y"] }, { type: "null" }] },
          c: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
          d: { type: ["string", "null"] },
          e: {
            type: "array",
            items: {
              type: "object",
              properties: { f: { type: "integer" } },
              required: ["f"],
              additionalProperties: false,
            },
          },
        },
        required: ["a", "b", "c", "d", "e"],
        $defs: {
          node: {
            type: "object",
            properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
            required: ["next"],
            additionalProperties: false,
          },
        },
        additionalProperties: false,
      },
    });
  });

  test.each([
    [{ type: "array", items: { type: "string" } }, "response_schema"],
    [{ anyOf: [object({}), object({})] }, "response_schema.anyOf"],
    [
      object({ a: { type: "object", additionalProperties: { type: "string" } } }),
      "response_schema.properties.a.additionalProperties",
    ],
    [object({ a: { allOf: [{ type: "string" }, { type: "string" }] } }), "response_schema.properties.a.allOf"],
    [object({ a: { type: "string", not: { const: "x" } } }), "response_schema.properties.a.not"],
    [object({ a: { if: {}, type: "string" } }), "response_schema.properties.a.if"],
    [object({ a: { type: "object", patternProperties: {} } }), "response_schema.properties.a.patternProperties"],
    [object({ a: {} }), "response_schema.properties.a"],
    [object({ a: { $ref: "https://ex.test/schema" } }), "response_schema.properties.a.$ref"],
  ])("%j is refused at %s", (schema, field) => {
    expect(fields(schema, openaiStrict)).toContain(field);
  });

  test("a schema nested past the bound is refused", () => {
    let schema: Record<string, unknown> = { type: "string" };
    for (let depth = 0; depth < 80; depth++) schema = object({ a: schema });
    expect(fields(schema, openaiStrict)).not.toEqual([]);
  });

  test("what generators write passes: wrapped references, unions, records of names, annotations", () => {
    const shape = z.object({
      kind: z.discriminatedUnion("type", [
        z.object({ type: z.literal("a") }),
        z.object({ type: z.literal("b"), n: z.number().int().min(1).optional() }),
      ]),
      when: z.iso.datetime().describe("When it was"),
      tags: z.array(z.string().min(1)).max(3).default([]),
    });
    for (const profile of Object.values(profiles)) expect(fields(z.toJSONSchema(shape) as never, profile)).toEqual([]);
  });
});

describe("other profiles", () => {
  test("Anthropic knows no recursion, and constraints it rejects are described", () => {
    const tree = object({ t: { $ref: "#/$defs/t" } }, { $defs: { t: object({ t: { $ref: "#/$defs/t" } }) } });
    expect(fields(tree, anthropicFormat)).toContain("response_schema.properties.t.$ref");
    const line = object(
      { t: { $ref: "#/$defs/t" } },
      { $defs: { t: { type: "string", pattern: "^a", format: "regex" } } },
    );
    expect(convertSchema(line, anthropicFormat)).toMatchObject({
      unsupported: [],
      schema: { $defs: { t: { type: "string", description: '(pattern: "^a", format: "regex")' } } },
    });
  });

  test("Gemini takes open objects and has one-value lists for constants", () => {
    const schema = object({ a: { type: "object", additionalProperties: { type: "string" } }, b: { const: 5 } });
    expect(convertSchema(schema, googleJsonSchema)).toMatchObject({
      unsupported: [],
      schema: { properties: { a: { additionalProperties: { type: "string" } }, b: { enum: [5] } } },
    });
  });
});

const leaf = fc.constantFrom(
  { type: "string" },
  { type: "integer", minimum: 0 },
  { enum: ["a", "b"] },
  { type: "boolean" },
  { type: "null" },
);
const { node } = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant("array"), items: tie("node") }),
    fc.record({ anyOf: fc.array(tie("node"), { minLength: 1, maxLength: 3 }) }),
    fc
      .dictionary(
        fc.string({ minLength: 1, maxLength: 3 }).filter((key) => key !== "__proto__"),
        tie("node"),
        { maxKeys: 4 },
      )
      .chain((properties) => fc.subarray(Object.keys(properties)).map((required) => object(properties, { required }))),
  ),
}));

function everyNode(value: unknown, visit: (schema: Record<string, unknown>) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) {
    const schema = value as Record<string, unknown>;
    visit(schema);
    for (const [key, inner] of Object.entries(schema)) {
      if (key === "properties") for (const one of Object.values(inner as object)) everyNode(one, visit);
      else if (key === "anyOf") for (const one of inner as unknown[]) everyNode(one, visit);
      else if (key === "items") everyNode(inner, visit);
    }
  }
}

/** A value that a schema of the generator above accepts, optional properties sometimes absent. */
function sampleOf(schema: Record<string, unknown>, pick: (n: number) => number): unknown {
  if (Array.isArray(schema.anyOf))
    return sampleOf(schema.anyOf[pick(schema.anyOf.length)] as Record<string, unknown>, pick);
  if (Array.isArray(schema.enum)) return schema.enum[pick(schema.enum.length)];
  if (schema.type === "array")
    return Array.from({ length: pick(3) }, () => sampleOf(schema.items as Record<string, unknown>, pick));
  if (schema.type === "object") {
    const required = schema.required as string[];
    return Object.fromEntries(
      Object.entries(schema.properties as Record<string, Record<string, unknown>>).flatMap(([name, inner]) =>
        required.includes(name) || pick(2) === 0 ? [[name, sampleOf(inner, pick)]] : [],
      ),
    );
  }
  return { string: "s", integer: 1, boolean: true, null: null }[String(schema.type)];
}

describe("any schema", () => {
  test("converted to strict mode has every object closed and every property required", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
          node,
        ),
        (properties) => {
          const { schema, unsupported } = convertSchema(object(properties, { required: [] }), openaiStrict);
          expect(unsupported).toEqual([]);
          everyNode(schema, (one) => {
            if (one.type !== "object") return;
            expect(one.additionalProperties).toBe(false);
            expect(one.required).toEqual(Object.keys(one.properties as object));
          });
        },
      ),
    );
  });

  test("without choices, reads back an answer whose absent properties were written as null", () => {
    const { plain } = fc.letrec<{ plain: Record<string, unknown> }>((tie) => ({
      plain: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom({ type: "string" }, { type: "integer" }),
        fc.record({ type: fc.constant("array"), items: tie("plain") }),
        fc
          .dictionary(
            fc.string({ minLength: 1, maxLength: 3 }).filter((key) => key !== "__proto__"),
            tie("plain"),
            { maxKeys: 4 },
          )
          .chain((properties) =>
            fc.subarray(Object.keys(properties)).map((required) => object(properties, { required })),
          ),
      ),
    }));
    const filled = (schema: Record<string, unknown>, value: unknown): unknown => {
      if (Array.isArray(value)) return value.map((item) => filled(schema.items as Record<string, unknown>, item));
      if (typeof value !== "object" || value === null) return value;
      const properties = schema.properties as Record<string, Record<string, unknown>>;
      return Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [
          name,
          Object.hasOwn(value, name) ? filled(inner, (value as Record<string, unknown>)[name]) : null,
        ]),
      );
    };
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
          plain,
        ),
        fc.infiniteStream(fc.nat()),
        (properties, random) => {
          const schema = object(properties, { required: [] });
          const value = sampleOf(schema, (n) => (random.next().value ?? 0) % n);
          expect(withoutAddedNulls(filled(schema, value), schema)).toEqual(value);
        },
      ),
    );
  });
});
