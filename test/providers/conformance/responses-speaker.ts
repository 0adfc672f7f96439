import { named } from "../support/stream.ts";
import { halves, openaiError } from "./chat-speaker.ts";
import { eventStream, json, list, object, type Said, type Speaker, type SpokenError, spokenUsage } from "./speaker.ts";

type Event = { readonly type: string; readonly [key: string]: unknown };

export interface ResponsesVoice {
  readonly model: string;
  readonly systemRole: string;
  readonly errors: Readonly<Record<SpokenError, { status: number; body: unknown; headers?: Record<string, string> }>>;
}

/** OpenAI's errors on either of its routes. */
export const openaiErrors = {
  rate_limited: { ...openaiError(429, "rate_limit_exceeded", "requests"), headers: { "retry-after": "2" } },
  quota_exhausted: openaiError(429, "credit_balance_exhausted", "insufficient_quota"),
  unauthenticated: openaiError(401, "invalid_api_key"),
  bad_request: openaiError(400, "unsupported_parameter"),
  not_found: openaiError(404, "model_not_found"),
  overloaded: openaiError(503, "server_is_overloaded", "service_unavailable_error"),
  server_error: openaiError(500, "server_error", "server_error"),
};

/** A server of the Responses dialect. */
export function responsesSpeaker(voice: ResponsesVoice): Speaker {
  const envelope = (rest: object) => ({ id: "resp_1", object: "response", model: voice.model, error: null, ...rest });
  const events = (said: Said): Event[] => {
    const items: Event[] = [
      ...(said.thought ? [reasoningItem(said.thought)] : []),
      ...(said.text
        ? [{ type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: said.text }] }]
        : []),
      ...(said.calls ?? []).map((call) => ({
        type: "function_call",
        id: `fc_${call.id}`,
        call_id: call.id,
        name: call.name,
        arguments: JSON.stringify(call.arguments),
      })),
    ];
    const cut = said.finish === "length" || said.finish === "content_filter";
    const reason = said.finish === "length" ? "max_output_tokens" : "content_filter";
    return [
      { type: "response.created", response: envelope({ status: "in_progress", output: [] }) },
      ...items.flatMap(itemEvents),
      {
        type: cut ? "response.incomplete" : "response.completed",
        response: envelope({
          status: cut ? "incomplete" : "completed",
          ...(cut && { incomplete_details: { reason } }),
          output: items,
          usage: {
            input_tokens: spokenUsage.inputTokens,
            input_tokens_details: { cached_tokens: spokenUsage.cachedInputTokens },
            output_tokens: spokenUsage.outputTokens,
            output_tokens_details: { reasoning_tokens: spokenUsage.reasoningTokens },
          },
        }),
      },
    ];
  };
  return {
    path: "/responses",
    answer: (said) => ({ status: 200, headers: eventStream, body: named(...events(said)) }),
    cut: (said) => named(...events(said).slice(0, 4)),
    error: (kind) => {
      const { status, body, headers } = voice.errors[kind];
      return { status, headers: { ...json, ...headers }, body: JSON.stringify(body) };
    },
    failing: () => ({
      status: 200,
      headers: eventStream,
      body: named(...events({ text: "Hello" }).slice(0, 4), {
        type: "error",
        code: "server_error",
        message: "simulated",
      }),
    }),
    systemIn: ({ input }) => {
      const first = list(input)[0];
      return first?.role === voice.systemRole ? first.content : undefined;
    },
    toolNamesIn: ({ tools }) => list(tools).map((tool) => tool.name),
    imagesIn: ({ input }) => {
      const user = list(input).find((item) => item.role === "user");
      return list(user?.content).flatMap((part) => (part.type === "input_image" ? [part.image_url] : []));
    },
    schemaIn: ({ text }) => object(object(text).format).schema,
    toolResultIn: ({ input }) => {
      const last = list(input).at(-1);
      return last?.type === "function_call_output" ? [last.call_id, last.output] : undefined;
    },
    reasoningIn: ({ input }) => list(input).find((item) => item.type === "reasoning"),
    maxTokensIn: (body) => body.max_output_tokens,
  };
}

function reasoningItem(text: string): Event {
  return { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text }], encrypted_content: "gAAA+/==" };
}

function itemEvents(item: Event, output_index: number): Event[] {
  const added = {
    type: "response.output_item.added",
    output_index,
    item: { ...item, arguments: "", content: [], summary: [] },
  };
  const done = { type: "response.output_item.done", output_index, item };
  const deltas = (type: string, text: string) =>
    halves(text).map((delta) => ({ type, output_index, item_id: item.id, delta }));
  if (item.type === "reasoning") {
    const text = String(object(list(item.summary)[0]).text);
    return [added, ...deltas("response.reasoning_summary_text.delta", text), done];
  }
  if (item.type === "message") {
    return [added, ...deltas("response.output_text.delta", String(object(list(item.content)[0]).text)), done];
  }
  return [added, ...deltas("response.function_call_arguments.delta", String(item.arguments)), done];
}
