import { inputJsonSchema, type ObjectSchema, outputJsonSchema } from "../arguments/json-schema.ts";
import type { Tool, ToolAnnotations } from "../tool.ts";
import { listedName, type ToolNames } from "./tool-names.ts";

/** One entry of the answer to `tools/list`. */
export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  readonly annotations: ToolAnnotations;
}

/** How a tool is listed: plain JSON, the same in every process of one version. */
export function listTool(tool: Tool, style: ToolNames): ListedTool {
  return {
    name: listedName(tool.name, style),
    title: tool.name,
    description: tool.description,
    inputSchema: inputJsonSchema(tool.input),
    outputSchema: outputJsonSchema(tool.output),
    annotations: tool.annotations,
  };
}

/** Every tool as listed, in the order given. Rendered when first asked for, then kept. */
export function toolList(tools: readonly Tool[], style: ToolNames): () => readonly ListedTool[] {
  let list: readonly ListedTool[] | undefined;
  return () => {
    list ??= tools.map((tool) => listTool(tool, style));
    return list;
  };
}
