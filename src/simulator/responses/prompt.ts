import { reasoningTokensOf } from "../chat/prompt.ts";
import { type Prompt, type Turn, turn } from "../model/prompt.ts";
import type { ResponsesModel } from "./dialect.ts";
import { type InputItem, isFunctionTool, type ResponsesRequest } from "./request.ts";

/** The prompt in a Responses request: its instructions, what came before, and its input. */
export function promptOfResponse(
  request: ResponsesRequest,
  items: readonly InputItem[],
  model: ResponsesModel,
  provider: string,
): Prompt {
  const format = request.text?.format;
  const choice = request.tool_choice ?? "auto";
  const effort = request.reasoning?.effort ?? model.effortDefault;
  const instructions = request.instructions ? [turn("system", { text: request.instructions })] : [];
  const canReason = model.reasons;
  return {
    label: `${provider}/${request.model}`,
    turns: [...instructions, ...turnsOf(items)],
    tools: (request.tools ?? []).filter(isFunctionTool).map(({ name, parameters }) => ({ name, parameters })),
    toolChoice: typeof choice === "string" ? choice : choice.type === "function" ? { name: choice.name } : choice.mode,
    parallelCalls: request.parallel_tool_calls ?? true,
    json: format?.type === "json_schema" ? format.schema : format?.type === "json_object" ? "any" : null,
    maxOutputTokens: request.max_output_tokens ?? null,
    stop: [],
    reasoningTokens: canReason ? reasoningTokensOf(effort) : 0,
    reasoningTokensIfAsked: canReason && request.reasoning?.effort !== "none" ? reasoningTokensOf("medium") : 0,
  };
}

function turnsOf(items: readonly InputItem[]): Turn[] {
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const item of items) {
    if ("role" in item) {
      const parts: readonly object[] = typeof item.content === "string" ? [] : item.content;
      const count = (type: string) => parts.filter((part) => "type" in part && part.type === type).length;
      const fields = { text: textOf(item.content), images: count("input_image"), files: count("input_file") };
      turns.push(turn(item.role === "developer" ? "system" : item.role, fields));
    } else if (item.type === "function_call") {
      names.set(item.call_id, item.name);
      const call = `${item.name} ${item.arguments}`;
      const last = turns.at(-1);
      if (last?.role === "assistant") turns[turns.length - 1] = { ...last, calls: [...last.calls, call] };
      else turns.push(turn("assistant", { calls: [call] }));
    } else if (item.type === "function_call_output") {
      const result = { name: names.get(item.call_id) ?? "tool", text: textOf(item.output) };
      const last = turns.at(-1);
      if (last?.role === "tool") turns[turns.length - 1] = { ...last, results: [...last.results, result] };
      else turns.push(turn("tool", { results: [result] }));
    }
  }
  return turns;
}

function textOf(content: string | readonly object[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part && typeof part.text === "string" ? part.text : "")).join("");
}
