import { type Answer, piecesOf } from "../model/answer.ts";
import { countTokens } from "../model/tokens.ts";
import type { UsagePlacement } from "../provider.ts";
import type { StreamEvent } from "../wire/reply.ts";
import { type CompletionHead, finishReasonOf, logprobOf, reasoningDetail, thinkTag } from "./completion.ts";

export interface ChunkOptions {
  readonly includeUsage: boolean;
  readonly obfuscation: boolean;
  readonly usage: object;
  /** Usage after so many output tokens, where every chunk is to say it. */
  readonly usageSoFar: ((outputTokens: number) => object) | null;
  readonly usagePlacement: UsagePlacement;
}

/** An answer as `chat.completion.chunk` events, to `data: [DONE]`. */
export function* chunks(head: CompletionHead, answer: Answer, options: ChunkOptions): Iterable<StreamEvent> {
  const { style, extras } = head;
  const indexes = Array.from({ length: head.choices }, (_, index) => index);
  const write = chunkWriter(head, options);
  const usageText = `,"usage":${JSON.stringify(options.usage)}`;
  const usageChunk = (): StreamEvent => ({ ...write.bare(usageText), hasUsage: true });
  const hasUsageChunk = style.usageAt === "last" || options.includeUsage;
  const isEarly = options.usagePlacement === "early";
  const role = style.roleOnEveryDelta ? '"role":"assistant",' : "";
  const refusalField = style.refusals ? ',"refusal":null' : "";

  for (const index of indexes) {
    yield write.chunk(index, `{"role":"assistant","content":""${refusalField}}`, { extra: fieldsOf(extras.first) });
  }
  if (isEarly) yield usageChunk();
  yield* reasoningChunks(answer, head, write, role);
  write.produced(answer.reasoningTokens * head.choices);

  const isRefusal = answer.refusal !== null;
  const field = isRefusal && style.refusals ? "refusal" : "content";
  const tag = thinkTag(answer, style);
  const said = isRefusal && !style.refusals ? "" : `${tag}${answer.refusal ?? answer.text}`;
  let characters = 0;
  for (const piece of piecesOf(said)) {
    characters += piece.length;
    const shown = Math.max(0, characters - tag.length);
    write.produced((answer.reasoningTokens + Math.ceil(shown / 4)) * head.choices);
    const delta = `{${role}"${field}":${JSON.stringify(piece)}}`;
    const logprobs = head.logprobs ? JSON.stringify({ content: [logprobOf(piece)], refusal: null }) : "null";
    for (const index of indexes) yield write.chunk(index, delta, { logprobs });
  }
  yield* callChunks(answer, head, write, role);

  write.produced(answer.outputTokens * head.choices);
  const finish = finishReasonOf(answer, style);
  const isUsageHere = style.usageAt === "finish" && !isEarly;
  const extra = fieldsOf(isUsageHere ? { usage: options.usage, ...extras.finish?.(options.usage) } : undefined);
  for (const index of indexes) {
    const event = write.chunk(index, role === "" ? "{}" : '{"role":"assistant","content":""}', { finish, extra });
    yield { ...event, hasUsage: isUsageHere };
  }
  if (hasUsageChunk && !isEarly) yield usageChunk();
  if (options.usagePlacement === "twice") yield usageChunk();
  yield { wire: "data: [DONE]\n\n", outputTokens: answer.outputTokens * head.choices };
}

interface ChunkFields {
  readonly finish?: string;
  readonly logprobs?: string;
  /** More top-level fields, as JSON text that begins with a comma. */
  readonly extra?: string;
}

interface ChunkWriter {
  /** Sets how many output tokens have been produced with the next chunk. */
  produced(tokens: number): void;
  chunk(index: number, delta: string, fields?: ChunkFields): StreamEvent;
  /** A chunk without choices. */
  bare(extra: string): StreamEvent;
}

/** What is the same in all chunks is written once: a stream is mostly the same bytes again and again. */
function chunkWriter(head: CompletionHead, options: ChunkOptions): ChunkWriter {
  const tier = head.serviceTier === null ? "" : `,"service_tier":${JSON.stringify(head.serviceTier)}`;
  const begin = `data: {"id":${JSON.stringify(head.id)},"object":"chat.completion.chunk","created":${head.created},"model":${JSON.stringify(head.model)}${tier}${fieldsOf(head.extras.every)},"choices":[`;
  const sayNull = head.style.usageNull === "always" || (head.style.usageNull === "asked" && options.includeUsage);
  const obfuscation = options.obfuscation ? ',"obfuscation":"simulated"' : "";
  const filtered = fieldsOf(head.style.filteredChoice);
  let outputTokens = 0;
  return {
    produced(tokens) {
      outputTokens = tokens;
    },
    chunk(index, delta, { finish, logprobs = "null", extra = "" } = {}) {
      const ending = finish === undefined ? "null" : `"${finish}"${finish === "content_filter" ? filtered : ""}`;
      const usage = options.usageSoFar
        ? `,"usage":${JSON.stringify(options.usageSoFar(outputTokens))}`
        : sayNull && !extra.includes('"usage":')
          ? ',"usage":null'
          : "";
      return {
        wire: `${begin}{"index":${index},"delta":${delta},"logprobs":${logprobs},"finish_reason":${ending}}]${usage}${extra}${obfuscation}}\n\n`,
        outputTokens,
      };
    },
    bare: (extra) => ({ wire: `${begin}]${extra}}\n\n`, outputTokens }),
  };
}

function* reasoningChunks(
  answer: Answer,
  head: CompletionHead,
  write: ChunkWriter,
  role: string,
): Iterable<StreamEvent> {
  const { reasoning: field } = head.style;
  if (answer.reasoning === "" || field === "hidden" || field === "think_tags") return;
  let characters = 0;
  for (const piece of piecesOf(answer.reasoning)) {
    characters += piece.length;
    write.produced(Math.min(answer.reasoningTokens, Math.ceil(characters / 4)) * head.choices);
    const value = field === "reasoning_details" ? [reasoningDetail(piece)] : piece;
    for (let index = 0; index < head.choices; index += 1) {
      yield write.chunk(index, `{${role}"${field}":${JSON.stringify(value)}}`);
    }
  }
}

function* callChunks(answer: Answer, head: CompletionHead, write: ChunkWriter, role: string): Iterable<StreamEvent> {
  const { toolDeltas } = head.style;
  const indexes = Array.from({ length: head.choices }, (_, index) => index);
  const content = toolDeltas === "empty_ids" ? '"content":null,' : "";
  let tokens = answer.reasoningTokens + countTokens(answer.text);
  for (const [at, call] of answer.calls.entries()) {
    const whole = toolDeltas === "whole";
    const named = { name: call.name, arguments: whole ? call.arguments : "" };
    const opening = { index: at, id: head.callIds[at], type: "function", function: named };
    tokens += 4 + countTokens(call.name) + (whole ? countTokens(call.arguments) : 0);
    write.produced(Math.min(answer.outputTokens, tokens) * head.choices);
    for (const index of indexes)
      yield write.chunk(index, `{${role}${content}"tool_calls":[${JSON.stringify(opening)}]}`);
    if (whole) continue;
    for (const piece of fragmentsOf(call.arguments)) {
      tokens += countTokens(piece);
      write.produced(Math.min(answer.outputTokens, tokens) * head.choices);
      const emptied = toolDeltas === "empty_ids" ? { id: "", type: "function" } : {};
      const delta = { index: at, ...emptied, function: { arguments: piece } };
      for (const index of indexes)
        yield write.chunk(index, `{${role}${content}"tool_calls":[${JSON.stringify(delta)}]}`);
    }
  }
}

/** Arguments are streamed in pieces of this many characters, wherever they fall. */
const fragmentCharacters = 7;

export function* fragmentsOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at += fragmentCharacters) yield text.slice(at, at + fragmentCharacters);
}

/** An object's members as JSON text that can follow others: `,"a":1`. */
function fieldsOf(extra: object | undefined): string {
  if (extra === undefined) return "";
  const text = JSON.stringify(extra).slice(1, -1);
  return text === "" ? "" : `,${text}`;
}
