import type { Usage } from "../../core/usage.ts";
import { type Answer, type Finish, piecesOf } from "../model/answer.ts";
import type { Prompt } from "../model/prompt.ts";
import { seal } from "../model/seal.ts";
import { tokensPerImage } from "../model/tokens.ts";
import type { UsagePlacement } from "../provider.ts";
import type { StreamEvent } from "../wire/reply.ts";
import { sealedCall, thoughtSeal } from "./content-rules.ts";
import type { GeminiModel } from "./models.ts";

/** What every response and chunk repeats. */
export interface ResponseHead {
  readonly modelVersion: string;
  readonly responseId: string;
}

export interface MadePart {
  readonly text?: string;
  readonly thought?: true;
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args: object };
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly thoughtSignature?: string;
}

const finishReasons: Record<Finish, string> = {
  stop: "STOP",
  stop_sequence: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
  refusal: "SAFETY",
  content_filter: "SAFETY",
  blocked: "SAFETY",
};

const safetyRatings = [{ category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true }];

/** The parts of an answer: thoughts, text, calls. */
export function partsOf(answer: Answer, model: GeminiModel, showsThoughts: boolean, nextId: () => string): MadePart[] {
  const parts: MadePart[] = [];
  if (showsThoughts && answer.reasoning !== "") parts.push({ text: answer.reasoning, thought: true });
  if (answer.text !== "") {
    const signature =
      answer.reasoningTokens > 0 && model.signsCalls ? { thoughtSignature: seal(thoughtSeal, "text") } : {};
    parts.push({ text: answer.text, ...signature });
  }
  // A call that the limit has cut is not sent: its arguments are no object.
  const calls = answer.callsCut ? answer.calls.slice(0, -1) : answer.calls;
  for (const [index, call] of calls.entries()) {
    const args = JSON.parse(call.arguments) as object;
    const isSigned = index === 0 && model.signsCalls;
    parts.push({
      functionCall: { ...(model.callIds ? { id: nextId() } : {}), name: call.name, args },
      ...(isSigned ? { thoughtSignature: seal(thoughtSeal, sealedCall(call.name, args)) } : {}),
    });
  }
  return parts;
}

/** A whole response. */
export function responseBody(
  head: ResponseHead,
  answer: Pick<Answer, "finish">,
  parts: readonly MadePart[],
  usage: object,
  candidates: number,
): unknown {
  if (answer.finish === "blocked") {
    return { promptFeedback: { blockReason: "SAFETY", safetyRatings }, usageMetadata: usage, ...head };
  }
  const finishReason = finishReasons[answer.finish];
  return {
    candidates: Array.from({ length: candidates }, (_, index) => ({
      ...(parts.length > 0 ? { content: { parts, role: "model" } } : {}),
      finishReason,
      index,
      ...(finishReason === "SAFETY" ? { safetyRatings } : {}),
    })),
    usageMetadata: usage,
    ...head,
  };
}

/** The same in pieces: text as deltas, calls whole, usage growing with every chunk. */
export function* responseChunks(
  head: ResponseHead,
  answer: Answer,
  parts: readonly MadePart[],
  usage: (outputTokens: number) => object,
  isSse: boolean,
  placement: UsagePlacement,
): Iterable<StreamEvent> {
  const total = answer.outputTokens;
  let produced = answer.reasoningTokens;
  let isFirst = true;
  const tail = `,"modelVersion":${JSON.stringify(head.modelVersion)},"responseId":${JSON.stringify(head.responseId)}}`;
  const chunk = (body: string, hasUsage = false): StreamEvent => {
    const opening = isSse ? "data: " : isFirst ? "[" : ",\r\n";
    isFirst = false;
    return { wire: `${opening}${body}${isSse ? "\r\n\r\n" : ""}`, outputTokens: Math.min(produced, total), hasUsage };
  };
  const usageText = (outputTokens: number) => `,"usageMetadata":${JSON.stringify(usage(outputTokens))}`;
  const withPart = (part: MadePart, last: boolean): string => {
    const content = `{"candidates":[{"content":{"parts":[${JSON.stringify(part)}],"role":"model"}`;
    const finish = last ? `,"finishReason":"${finishReasons[answer.finish]}"` : "";
    const isEarly = placement === "early";
    const shown = isEarly ? (last ? "" : usageText(total)) : usageText(last ? total : produced);
    return `${content}${finish},"index":0}]${shown}${tail}`;
  };

  const sent = [...streamedParts(parts)];
  if (sent.length === 0) {
    produced = total;
    const body = JSON.stringify(responseBody(head, answer, [], usage(total), 1));
    yield chunk(body, true);
  }
  let characters = 0;
  for (const [index, part] of sent.entries()) {
    const last = index === sent.length - 1;
    if (part.text !== undefined && !part.thought) {
      characters += part.text.length;
      produced = answer.reasoningTokens + Math.ceil(characters / 4);
    }
    if (last) produced = total;
    yield chunk(withPart(part, last), last && placement !== "early");
  }
  if (placement === "twice") yield chunk(`{"candidates":[]${usageText(total)}${tail}`, true);
  if (!isSse) yield { wire: "]", outputTokens: total };
}

/** Text parts in pieces, with the signature on the last piece. */
function* streamedParts(parts: readonly MadePart[]): Iterable<MadePart> {
  for (const part of parts) {
    if (part.text === undefined) {
      yield part;
      continue;
    }
    const { text, thoughtSignature, ...rest } = part;
    const pieces = [...piecesOf(text)];
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      yield { text: piece, ...rest, ...(isLast && thoughtSignature !== undefined ? { thoughtSignature } : {}) };
    }
  }
}

/** Google's usage: `candidatesTokenCount` leaves out thoughts, and what is zero is left out. */
export function usageMetadata(usage: Usage, prompt: Prompt, outputTokens: number): object {
  const input = usage.inputTokens ?? 0;
  const thoughts = Math.min(usage.reasoningTokens ?? 0, outputTokens);
  const candidates = outputTokens - thoughts;
  const images = prompt.turns.reduce((sum, turn) => sum + turn.images, 0) * tokensPerImage;
  const cached = usage.cachedInputTokens ?? 0;
  return {
    promptTokenCount: input,
    ...(candidates > 0 ? { candidatesTokenCount: candidates } : {}),
    totalTokenCount: input + outputTokens,
    ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
    promptTokensDetails: [
      { modality: "TEXT", tokenCount: input - images },
      ...(images > 0 ? [{ modality: "IMAGE", tokenCount: images }] : []),
    ],
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
  };
}
