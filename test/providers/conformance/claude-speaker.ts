import { named } from "../support/stream.ts";
import { halves } from "./chat-speaker.ts";
import { eventStream, json, list, object, type Said, type Speaker, type SpokenError, spokenUsage } from "./speaker.ts";

type Event = { readonly type: string; readonly [key: string]: unknown };

const errors: Readonly<
  Record<SpokenError, { status: number; type: string; headers?: Record<string, string>; details?: object }>
> = {
  rate_limited: { status: 429, type: "rate_limit_error", headers: { "retry-after": "2" } },
  quota_exhausted: { status: 429, type: "rate_limit_error", details: { error_code: "enforced_spend_limit_reached" } },
  unauthenticated: { status: 401, type: "authentication_error" },
  bad_request: { status: 400, type: "invalid_request_error" },
  not_found: { status: 404, type: "not_found_error" },
  overloaded: { status: 529, type: "overloaded_error" },
  server_error: { status: 500, type: "api_error" },
};

const errorBody = (type: string, details?: object) => ({
  type: "error",
  error: { type, message: `simulated ${type}`, ...(details && { details }) },
  request_id: "req_1",
});

/** Anthropic's Messages. */
export const claudeSpeaker: Speaker = {
  path: "/v1/messages",
  answer: (said) => ({ status: 200, headers: eventStream, body: named(...events(said)) }),
  cut: (said) => named(...events(said).slice(0, 3)),
  error: (kind) => {
    const { status, type, headers, details } = errors[kind];
    return {
      status,
      headers: { ...json, "request-id": "req_1", ...headers },
      body: JSON.stringify(errorBody(type, details)),
    };
  },
  failing: () => ({
    status: 200,
    headers: eventStream,
    body: named(...events({ text: "Hello" }).slice(0, 4), errorBody("api_error") as Event),
  }),
  systemIn: ({ system }) => system,
  toolNamesIn: ({ tools }) => list(tools).map((tool) => tool.name),
  imagesIn: ({ messages }) =>
    list(list(messages)[0]?.content).flatMap((block) => {
      const source = object(block.source);
      if (block.type !== "image") return [];
      return [source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}`];
    }),
  schemaIn: ({ output_config: config }) => object(object(config).format).schema,
  toolResultIn: ({ messages }) => {
    const result = list(list(messages).at(-1)?.content).find((block) => block.type === "tool_result");
    return result && [result.tool_use_id, result.content];
  },
  reasoningIn: ({ messages }) => {
    const turn = list(messages).find((message) => message.role === "assistant");
    return list(turn?.content).find((block) => block.type === "thinking");
  },
  maxTokensIn: (body) => body.max_tokens,
};

function events(said: Said): Event[] {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = spokenUsage;
  const finish = { length: "max_tokens", content_filter: "refusal", stop: "end_turn" }[said.finish ?? "stop"];
  const blocks: Event[] = [
    ...(said.thought ? [{ type: "thinking", thinking: said.thought, signature: "EqQB+/==" }] : []),
    ...(said.text ? [{ type: "text", text: said.text }] : []),
    ...(said.calls ?? []).map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input })),
  ];
  return [
    {
      type: "message_start",
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-5",
        content: [],
        usage: {
          input_tokens: inputTokens - cachedInputTokens,
          cache_read_input_tokens: cachedInputTokens,
          output_tokens: 1,
        },
      },
    },
    ...blocks.flatMap(blockEvents),
    {
      type: "message_delta",
      delta: { stop_reason: said.calls?.length && !said.finish ? "tool_use" : finish, stop_sequence: null },
      usage: { output_tokens: outputTokens, output_tokens_details: { thinking_tokens: reasoningTokens } },
    },
    { type: "message_stop" },
  ];
}

function blockEvents(block: Event, index: number): Event[] {
  const start = (content_block: object) => ({ type: "content_block_start", index, content_block });
  const delta = (type: string, rest: object) => ({ type: "content_block_delta", index, delta: { type, ...rest } });
  const stop = { type: "content_block_stop", index };
  if (block.type === "thinking") {
    return [
      start({ type: "thinking", thinking: "", signature: "" }),
      ...halves(String(block.thinking)).map((thinking) => delta("thinking_delta", { thinking })),
      delta("signature_delta", { signature: block.signature }),
      stop,
    ];
  }
  if (block.type === "text") {
    return [
      start({ type: "text", text: "" }),
      ...halves(String(block.text)).map((text) => delta("text_delta", { text })),
      stop,
    ];
  }
  const pieces = halves(JSON.stringify(block.input)).map((partial_json) => delta("input_json_delta", { partial_json }));
  return [start({ ...block, input: {} }), ...pieces, stop];
}
