import { data } from "../support/stream.ts";
import {
  type Body,
  eventStream,
  json,
  list,
  object,
  type Said,
  type Speaker,
  type SpokenError,
  spokenUsage,
} from "./speaker.ts";

/** What differs between the servers of the chat dialect, on their side. */
export interface ChatVoice {
  readonly path: string;
  readonly model: string;
  /** Where reasoning is in a delta; `tags` writes it into the content. */
  readonly reasoning: "reasoning_content" | "reasoning" | "reasoning_details" | "tags" | null;
  /** Whether a call comes whole in one delta. */
  readonly wholeCalls: boolean;
  /** What a later delta of a call has for an id. */
  readonly laterId: undefined | "" | null;
  readonly usage: "last-chunk" | "with-finish";
  /** Whether completion tokens leave the reasoning out. */
  readonly reasoningApart: boolean;
  readonly maxTokensField: string;
  readonly systemRole: string;
  readonly errors: Readonly<Record<SpokenError, { status: number; body: unknown; headers?: Record<string, string> }>>;
  readonly failing: unknown;
}

/** OpenAI's own error shape. */
export function openaiError(
  status: number,
  code: string,
  type = "invalid_request_error",
  message = `simulated ${code}`,
) {
  return { status, body: { error: { message, type, param: null, code } } };
}

export function chatSpeaker(voice: ChatVoice): Speaker {
  const chunks = (said: Said): unknown[] => {
    const chunk = (delta: object, rest: object = {}) => ({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_795_250_000,
      model: voice.model,
      choices: [{ index: 0, delta, finish_reason: null, ...rest }],
    });
    const finish = said.finish ?? (said.calls?.length ? "tool_calls" : "stop");
    const usage = { usage: usageOf(voice) };
    return [
      chunk({ role: "assistant", content: "" }),
      ...thoughtDeltas(voice, said.thought).map((delta) => chunk(delta)),
      ...halves(said.text).map((content) => chunk({ content })),
      ...(said.calls ?? [])
        .flatMap((call, index) => callDeltas(voice, call, index))
        .map((delta) => chunk({ tool_calls: [delta] })),
      { ...chunk({}, { finish_reason: finish }), ...(voice.usage === "with-finish" && usage) },
      ...(voice.usage === "last-chunk" ? [{ ...chunk({}), choices: [], ...usage }] : []),
    ];
  };
  return {
    path: voice.path,
    answer: (said) => ({ status: 200, headers: eventStream, body: data(...chunks(said), "[DONE]") }),
    cut: (said) => data(...chunks(said).slice(0, 3)),
    error: (kind) => {
      const { status, body, headers } = voice.errors[kind];
      return { status, headers: { ...json, ...headers }, body: JSON.stringify(body) };
    },
    failing: () => ({
      status: 200,
      headers: eventStream,
      body: data(...chunks({ text: "Hello" }).slice(0, 3), voice.failing),
    }),
    systemIn: ({ messages }) => {
      const first = list(messages)[0];
      return first?.role === voice.systemRole ? first.content : undefined;
    },
    toolNamesIn: ({ tools }) => list(tools).map((tool) => object(tool.function).name),
    imagesIn: ({ messages }) => {
      const user = list(messages).find((message) => message.role === "user");
      return list(user?.content).flatMap((part) => (part.type === "image_url" ? [object(part.image_url).url] : []));
    },
    schemaIn: ({ response_format: format }) => object(object(format).json_schema).schema,
    toolResultIn: ({ messages }) => {
      const last = list(messages).at(-1);
      return last?.role === "tool" ? [last.tool_call_id, last.content] : undefined;
    },
    reasoningIn: ({ messages }) => {
      const turn = list(messages).find((message) => message.role === "assistant");
      return turn?.reasoning_details ?? turn?.reasoning_content ?? turn?.reasoning;
    },
    maxTokensIn: (body) => body[voice.maxTokensField],
  };
}

function usageOf({ reasoningApart }: ChatVoice): Body {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = spokenUsage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: reasoningApart ? outputTokens - reasoningTokens : outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

function thoughtDeltas({ reasoning }: ChatVoice, thought: string | undefined): object[] {
  if (!thought || reasoning === null) return [];
  if (reasoning === "tags") return halves(`<think>${thought}</think>\n\n`).map((content) => ({ content }));
  if (reasoning === "reasoning_details")
    return halves(thought).map((text) => ({ reasoning_details: [{ type: "reasoning.text", text }] }));
  return halves(thought).map((text) => ({ [reasoning]: text, content: null }));
}

function callDeltas(voice: ChatVoice, call: { id: string; name: string; arguments: object }, index: number): object[] {
  const text = JSON.stringify(call.arguments);
  const first = {
    index,
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: voice.wholeCalls ? text : "" },
  };
  if (voice.wholeCalls) return [first];
  const later = voice.laterId === undefined ? {} : { id: voice.laterId, type: "function" };
  return [first, ...halves(text).map((part) => ({ index, ...later, function: { arguments: part } }))];
}

export function halves(text: string | undefined): string[] {
  if (!text) return [];
  const middle = text.length >> 1;
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== "");
}
