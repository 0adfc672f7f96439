import { z } from "zod";
import { tasks } from "../src/core/task.ts";
import { defineTool } from "../src/tool.ts";

/** What fits into a result with room to spare. */
const pageCharactersMax = 16_000;

export const models = defineTool({
  name: "models",
  description:
    "Search the catalog of models: task, provider, features, price in US dollars, and whether a model is usable now or which key is missing.",
  input: z.strictObject({
    query: z.string().optional().describe("Words of the id, in any order"),
    id: z.string().optional().describe("One model, with the params it takes as JSON Schema"),
    task: z.enum(tasks).optional(),
    provider: z.string().optional(),
    features: z.array(z.enum(["tools", "json_schema", "vision", "reasoning", "streaming"])).optional(),
    usable: z.boolean().optional().describe("Only those that can be called now"),
    limit: z.number().int().positive().max(100).optional().describe("Default 20"),
    cursor: z.string().optional(),
  }),
  output: z.object({
    models: z.array(z.looseObject({ id: z.string(), task: z.string(), usable: z.boolean() })).readonly(),
    next_cursor: z.string().optional(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller }) => gateway.models.search({ ...args, charactersMax: pageCharactersMax }, caller),
});
