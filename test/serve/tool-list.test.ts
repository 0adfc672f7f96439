import { expect, test } from "vitest";
import { z } from "zod";
import { listTool, toolList } from "../../src/serve/tool-list.ts";
import { indexTools } from "../../src/serve/tool-names.ts";
import { defineTool, type Tool } from "../../src/tool.ts";

const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

function tool(name: string, input: z.ZodType = z.strictObject({}), output: z.ZodType = z.object({})): Tool {
  return defineTool({ name, description: `What ${name} does.`, input, output, annotations, handle: async () => ({}) });
}

test("tools are listed with underscores and titled with their dotted names", () => {
  expect(listTool(tool("memory.remember"), "underscore")).toMatchObject({
    name: "memory_remember",
    title: "memory.remember",
    annotations,
  });
  expect(listTool(tool("memory.remember"), "dotted")).toMatchObject({ name: "memory.remember" });
});

test("both spellings find the tool whichever is listed", () => {
  const tools = [tool("memory.remember"), tool("infer")];
  for (const style of ["underscore", "dotted"] as const) {
    const index = indexTools(tools, style);
    expect(index.find("memory.remember")).toBe(tools[0]);
    expect(index.find("memory_remember")).toBe(tools[0]);
    expect(index.find("memory-remember")).toBeUndefined();
    expect(index.closest("memoryRemember")).toBe(index.listed[0]);
    expect(index.closest("infre")).toBe("infer");
    expect(index.closest("weather")).toBeUndefined();
  }
});

test("two tools that would share a spelling are a mistake found at start", () => {
  expect(() => indexTools([tool("a.b"), tool("a_b")], "underscore")).toThrow("a_b");
});

test("the list is rendered once and kept", () => {
  const list = toolList([tool("a.b")], "underscore");
  expect(list()).toBe(list());
});

test("schemas say what zod checks and nothing that costs tokens without saying anything", () => {
  const input = z.strictObject({ n: z.number().int(), m: z.number().int().min(1), map: z.record(z.string(), z.any()) });
  expect(listTool(tool("a", input), "underscore").inputSchema).toEqual({
    type: "object",
    properties: {
      n: { type: "integer" },
      m: { type: "integer", minimum: 1 },
      map: { type: "object", additionalProperties: true },
    },
    required: ["n", "m", "map"],
    additionalProperties: false,
  });
});

test("an output schema takes a success or an error, since older clients check both against it", () => {
  const output = z.object({ id: z.string(), more: z.object({ a: z.number() }).optional() });
  expect(listTool(tool("a", undefined, output), "underscore").outputSchema).toEqual({
    type: "object",
    properties: {
      id: { type: "string" },
      more: { type: "object", properties: { a: { type: "number" } }, required: ["a"] },
    },
    anyOf: [{ required: ["id"] }, { required: ["error"] }],
  });
});

test("an output that is one of several shapes still has an object at its root", () => {
  const output = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), x: z.number() }),
    z.object({ kind: z.literal("b") }),
  ]);
  const { outputSchema } = listTool(tool("a", undefined, output), "underscore");
  expect(outputSchema.type).toBe("object");
  expect(outputSchema.anyOf).toHaveLength(3);
});
