import { type Prompt, type Turn, turn } from "../model/prompt.ts";
import type { Thinking } from "./dialect.ts";
import type { ChatRequest } from "./fields.ts";
import type { ChatMessage, ChatToolCall } from "./messages.ts";

const reasoningByEffort: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0,
  low: 16,
  medium: 64,
  default: 64,
  high: 128,
  xhigh: 192,
  max: 256,
};

/** Tokens the simulated model thinks at an effort. */
export function reasoningTokensOf(effort: string): number {
  return reasoningByEffort[effort] ?? 0;
}

/** The prompt in a chat request. */
export function promptOf(request: ChatRequest, thinking: Thinking, provider: string): Prompt {
  const format = request.response_format;
  const choice = request.tool_choice ?? "auto";
  return {
    label: `${provider}/${request.model}`,
    turns: turnsOf(request.messages),
    tools: (request.tools ?? []).map((tool) =>
      tool.type === "function"
        ? { name: tool.function.name, parameters: tool.function.parameters ?? null }
        : { name: tool.custom.name, parameters: null },
    ),
    toolChoice:
      typeof choice === "string"
        ? choice
        : choice.type === "function"
          ? { name: choice.function.name }
          : choice.type === "custom"
            ? { name: choice.custom.name }
            : "auto",
    parallelCalls: request.parallel_tool_calls ?? true,
    json:
      format?.type === "json_schema"
        ? (format.json_schema.schema ?? "any")
        : format?.type === "json_object"
          ? "any"
          : null,
    maxOutputTokens: thinking.limit,
    limitExcludesReasoning: thinking.limitExcludesThinking ?? false,
    stop: typeof request.stop === "string" ? [request.stop] : (request.stop ?? []),
    reasoningTokens: thinking.tokens,
    reasoningTokensIfAsked: thinking.tokensIfAsked,
  };
}

function turnsOf(messages: readonly ChatMessage[]): Turn[] {
  const nameOfCall = new Map<string, string>();
  const turns: Turn[] = [];
  for (const message of messages) {
    switch (message.role) {
      case "system":
      case "developer":
        turns.push(turn("system", { text: textOf(message.content) }));
        break;
      case "user": {
        const parts = typeof message.content === "string" ? [] : message.content;
        const images = parts.filter(({ type }) => type === "image_url").length;
        const files = parts.filter(({ type }) => type !== "image_url" && type !== "text").length;
        turns.push(turn("user", { text: textOf(message.content), images, files }));
        break;
      }
      case "assistant": {
        const calls = message.tool_calls ?? [];
        for (const call of calls) nameOfCall.set(call.id, nameOf(call));
        const written = calls.map(
          (call) => `${nameOf(call)} ${call.type === "function" ? call.function.arguments : call.custom.input}`,
        );
        turns.push(turn("assistant", { text: textOf(message.content ?? ""), calls: written }));
        break;
      }
      case "tool": {
        const result = { name: nameOfCall.get(message.tool_call_id) ?? "tool", text: textOf(message.content) };
        const last = turns.at(-1);
        // Results of parallel calls are one turn.
        if (last?.role === "tool") turns[turns.length - 1] = { ...last, results: [...last.results, result] };
        else turns.push(turn("tool", { results: [result] }));
        break;
      }
    }
  }
  return turns;
}

function nameOf(call: ChatToolCall): string {
  return call.type === "function" ? call.function.name : call.custom.name;
}

function textOf(content: string | readonly object[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part && typeof part.text === "string" ? part.text : "")).join("");
}
