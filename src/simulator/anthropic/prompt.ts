import { reasoningTokensOf } from "../chat/prompt.ts";
import { type Prompt, type Turn, turn } from "../model/prompt.ts";
import { type AnthropicModel, alwaysThinks } from "./models.ts";
import type { AnthropicBlock, CountTokensRequest, MessagesRequest } from "./request.ts";

/** The prompt in a Messages request. Each message becomes one turn, so that cache breakpoints can be told by turn. */
export function promptOfMessages(
  request: CountTokensRequest & Partial<MessagesRequest>,
  model: AnthropicModel,
  provider: string,
): Prompt {
  const choice = request.tool_choice;
  return {
    label: `${provider}/${request.model}`,
    turns: [...systemTurn(request.system), ...messageTurns(request.messages)],
    tools: (request.tools ?? []).map(({ name, input_schema }) => ({ name, parameters: input_schema })),
    toolChoice:
      choice?.type === "tool"
        ? { name: choice.name }
        : choice?.type === "any"
          ? "required"
          : choice?.type === "none"
            ? "none"
            : "auto",
    parallelCalls: !(choice && "disable_parallel_tool_use" in choice && choice.disable_parallel_tool_use),
    json: request.output_config?.format?.schema ?? null,
    maxOutputTokens: request.max_tokens ?? null,
    stop: request.stop_sequences ?? [],
    reasoningTokens: thinkingTokens(request),
    reasoningTokensIfAsked: alwaysThinks(model) ? reasoningTokensOf("low") : 0,
  };
}

function thinkingTokens({ thinking, output_config }: CountTokensRequest): number {
  if (!thinking || thinking.type === "disabled") return 0;
  const tokens = reasoningTokensOf(output_config?.effort ?? "medium");
  return thinking.type === "enabled" ? Math.min(tokens, thinking.budget_tokens) : tokens;
}

function systemTurn(system: CountTokensRequest["system"]): Turn[] {
  if (system === undefined) return [];
  return [turn("system", { text: typeof system === "string" ? system : system.map(({ text }) => text).join("") })];
}

function messageTurns(messages: CountTokensRequest["messages"]): Turn[] {
  const names = new Map<string, string>();
  return messages.map(({ role, content }) => {
    if (typeof content === "string") return turn(role, { text: content });
    const blocks: readonly AnthropicBlock[] = content;
    for (const block of blocks) if (block.type === "tool_use") names.set(block.id, block.name);
    const results = blocks.flatMap((block) =>
      block.type === "tool_result"
        ? [{ name: names.get(block.tool_use_id) ?? "tool", text: textOf(block.content ?? "") }]
        : [],
    );
    const text = textOf(blocks);
    return turn(role === "user" && results.length > 0 && text === "" ? "tool" : role, {
      text,
      images: imagesIn(blocks),
      files: blocks.filter(({ type }) => type === "document").length,
      calls: blocks.flatMap((block) =>
        block.type === "tool_use" ? [`${block.name} ${JSON.stringify(block.input)}`] : [],
      ),
      results,
    });
  });
}

function imagesIn(blocks: readonly AnthropicBlock[]): number {
  let images = 0;
  for (const block of blocks) {
    if (block.type === "image") images += 1;
    if (block.type === "tool_result" && Array.isArray(block.content)) images += imagesIn(block.content);
  }
  return images;
}

function textOf(content: string | readonly object[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part && typeof part.text === "string" ? part.text : "")).join("");
}
