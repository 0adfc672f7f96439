import { isBase64 } from "../model/data-url.ts";
import { isSealOf } from "../model/seal.ts";
import type { AnthropicModel } from "./models.ts";
import type { AnthropicBlock, AnthropicMessage, CountTokensRequest } from "./request.ts";

/** Tool use ids that were made right after thinking begin so: the thinking has to come back with them. */
export const thoughtToolPrefix = "toolu_t_";

/** What a thinking block's signature and a redacted block's data are made of. */
export const thinkingSeal = "anthropic-thinking";

interface Merged {
  readonly role: AnthropicMessage["role"];
  readonly index: number;
  readonly blocks: readonly AnthropicBlock[];
}

/** What is wrong with the order and content of the messages, or null. */
export function messagesIssue(request: CountTokensRequest, model: AnthropicModel, version: string): string | null {
  const { messages } = request;
  if (messages.length === 0) return "messages: at least one message is required";
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  for (const [index, message] of messages.entries()) {
    const issue = contentIssue(message, index, index === messages.length - 1, version);
    if (issue) return issue;
  }
  const merged = merge(messages);
  return toolIssue(merged) ?? thinkingIssue(request, merged) ?? imageIssue(merged, model) ?? endIssue(merged, model);
}

function contentIssue(message: AnthropicMessage, index: number, isLast: boolean, version: string): string | null {
  const isFinalAssistant = isLast && message.role === "assistant";
  if (message.content.length === 0) {
    return isFinalAssistant
      ? null
      : `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
  }
  if (typeof message.content === "string") return null;
  for (const [at, block] of message.content.entries()) {
    const path = `messages.${index}.content.${at}`;
    if (block.type === "text" && block.text === "") return "messages: text content blocks must be non-empty";
    if (block.type === "text" && block.text.trim() === "") {
      return "messages: text content blocks must contain non-whitespace text";
    }
    if (version >= "2026-10-21") {
      if (block.type === "document" && message.role === "assistant") {
        return `${path}: document blocks are not permitted in assistant messages`;
      }
      if (block.type === "text" && message.role === "user" && (block.citations?.length ?? 0) > 0) {
        return `${path}.citations: citations are not permitted in user messages`;
      }
    }
    if (
      (block.type === "image" || block.type === "document") &&
      block.source.type === "base64" &&
      !isBase64(block.source.data)
    ) {
      return `${path}.source.base64.data: Invalid base64 data`;
    }
    if (
      (block.type === "image" || block.type === "document") &&
      block.source.type === "url" &&
      !/^https?:\/\//.test(block.source.url)
    ) {
      return `${path}.source.url: Only HTTP(S) URLs are supported`;
    }
  }
  return null;
}

/** Turns as the model sees them: neighbours of one role are one. */
function merge(messages: readonly AnthropicMessage[]): Merged[] {
  const merged: Merged[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    const blocks: readonly AnthropicBlock[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
    const last = merged.at(-1);
    if (last?.role === role) merged[merged.length - 1] = { ...last, blocks: [...last.blocks, ...blocks] };
    else merged.push({ role, index, blocks });
  }
  return merged;
}

function toolIssue(turns: readonly Merged[]): string | null {
  for (const [at, turn] of turns.entries()) {
    const before = turns[at - 1];
    const called = before?.role === "assistant" ? toolUseIds(before) : [];
    const leading = turn.blocks.findIndex(({ type }) => type !== "tool_result");
    const answered = new Set<string>();
    for (const [index, block] of turn.blocks.entries()) {
      if (block.type !== "tool_result") continue;
      if (!called.includes(block.tool_use_id)) {
        return `messages.${turn.index}.content.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
      }
      if (answered.has(block.tool_use_id)) {
        return `messages.${turn.index}.content.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${block.tool_use_id}`;
      }
      // A result after other content is not "immediately after" the call.
      if (leading < 0 || index < leading) answered.add(block.tool_use_id);
    }
    const missing = called.filter((id) => !answered.has(id));
    if (missing.length > 0) return unanswered(before?.index ?? 0, missing);
  }
  const last = turns.at(-1);
  const open = last?.role === "assistant" ? toolUseIds(last) : [];
  return open.length > 0 ? unanswered(last?.index ?? 0, open) : null;
}

function toolUseIds(turn: Merged): string[] {
  return turn.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
}

function unanswered(index: number, ids: readonly string[]): string {
  return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function thinkingIssue(request: CountTokensRequest, turns: readonly Merged[]): string | null {
  for (const turn of turns) {
    for (const [index, block] of turn.blocks.entries()) {
      const path = `messages.${turn.index}.content.${index}`;
      if (block.type === "thinking" && !isSealOf(block.signature, thinkingSeal, block.thinking)) {
        return `${path}: Invalid \`signature\` in \`thinking\` block`;
      }
      if (block.type === "redacted_thinking" && !isSealOf(block.data, thinkingSeal, "redacted")) {
        return `${path}: Invalid \`data\` in \`redacted_thinking\` block`;
      }
    }
  }
  // In a tool loop, the turn that is being continued has to bring its thinking back.
  const continued = turns.at(-1)?.blocks.some(({ type }) => type === "tool_result") ? turns.at(-2) : undefined;
  if (!continued || !request.thinking || request.thinking.type === "disabled") return null;
  const first = continued.blocks[0];
  const hasThinking = continued.blocks.some(({ type }) => type === "thinking" || type === "redacted_thinking");
  const madeWithThinking = toolUseIds(continued).some((id) => id.startsWith(thoughtToolPrefix));
  const isMissing =
    request.thinking.type === "enabled"
      ? first?.type !== "thinking" && first?.type !== "redacted_thinking"
      : madeWithThinking && !hasThinking;
  if (!isMissing) return null;
  return `messages.${continued.index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first?.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`;
}

function imageIssue(turns: readonly Merged[], model: AnthropicModel): string | null {
  const images = turns.flatMap(({ blocks }) => blocks).filter(({ type }) => type === "image").length;
  const max = model.context <= 200_000 ? 100 : 600;
  return images > max ? `messages: too many images: ${images} > ${max} maximum` : null;
}

function endIssue(turns: readonly Merged[], model: AnthropicModel): string | null {
  const last = turns.at(-1);
  if (last?.role !== "assistant") return null;
  if (!model.prefill) {
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
  const text = last.blocks.at(-1);
  return text?.type === "text" && /\s$/.test(text.text)
    ? "messages: final assistant content cannot end with trailing whitespace"
    : null;
}
