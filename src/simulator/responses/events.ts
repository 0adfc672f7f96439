import { fragmentsOf } from "../chat/chunks.ts";
import { piecesOf } from "../model/answer.ts";
import { countTokens } from "../model/tokens.ts";
import type { UsagePlacement } from "../provider.ts";
import type { StreamEvent } from "../wire/reply.ts";
import type { FunctionCallItem, MessageItem, OutputItem, ReasoningItem, ResponseObject } from "./output.ts";

export interface ResponseStream {
  readonly opened: ResponseObject;
  readonly ended: ResponseObject;
  readonly items: readonly OutputItem[];
  readonly reasoningTokens: number;
  readonly outputTokens: number;
  readonly usagePlacement: UsagePlacement;
  /** Events up to and with this number have been seen by the client and are left out. */
  readonly after: number;
}

/** A response as its events: `response.created` to `response.completed` or `response.incomplete`. */
export function* responseEvents(stream: ResponseStream): Iterable<StreamEvent> {
  let sequence = 0;
  let produced = 0;
  const event = (type: string, fields: object, hasUsage = false): StreamEvent[] => {
    const number = sequence++;
    if (number <= stream.after) return [];
    const data = JSON.stringify({ type, sequence_number: number, ...fields });
    return [{ wire: `event: ${type}\ndata: ${data}\n\n`, outputTokens: produced, hasUsage }];
  };

  yield* event("response.created", { response: stream.opened });
  const progress = stream.usagePlacement === "early" ? { ...stream.opened, usage: stream.ended.usage } : stream.opened;
  yield* event("response.in_progress", { response: progress });
  for (const [index, item] of stream.items.entries()) {
    switch (item.type) {
      case "reasoning":
        yield* reasoningEvents(item, index, event);
        produced += stream.reasoningTokens;
        break;
      case "message":
        yield* messageEvents(item, index, event, (tokens) => {
          produced = Math.min(stream.outputTokens, produced + tokens);
        });
        break;
      case "function_call":
        yield* callEvents(item, index, event);
        produced = Math.min(stream.outputTokens, produced + 4 + countTokens(item.name) + countTokens(item.arguments));
        break;
    }
    yield* event("response.output_item.done", { output_index: index, item });
  }
  produced = stream.outputTokens;
  const type = `response.${stream.ended.status}`;
  yield* event(type, { response: stream.ended }, true);
  if (stream.usagePlacement === "twice") yield* event(type, { response: stream.ended }, true);
}

type MakeEvent = (type: string, fields: object) => StreamEvent[];

function* reasoningEvents(item: ReasoningItem, output_index: number, event: MakeEvent): Iterable<StreamEvent> {
  yield* event("response.output_item.added", { output_index, item: { ...item, summary: [] } });
  for (const [summary_index, part] of item.summary.entries()) {
    const at = { item_id: item.id, output_index, summary_index };
    yield* event("response.reasoning_summary_part.added", { ...at, part: { type: "summary_text", text: "" } });
    for (const delta of piecesOf(part.text)) yield* event("response.reasoning_summary_text.delta", { ...at, delta });
    yield* event("response.reasoning_summary_text.done", { ...at, text: part.text });
    yield* event("response.reasoning_summary_part.done", { ...at, part });
  }
}

function* messageEvents(
  item: MessageItem,
  output_index: number,
  event: MakeEvent,
  produce: (tokens: number) => void,
): Iterable<StreamEvent> {
  yield* event("response.output_item.added", { output_index, item: { ...item, status: "in_progress", content: [] } });
  for (const [content_index, part] of item.content.entries()) {
    const at = { item_id: item.id, output_index, content_index };
    const isText = part.type === "output_text";
    yield* event("response.content_part.added", {
      ...at,
      part: isText ? { ...part, text: "" } : { ...part, refusal: "" },
    });
    const text = isText ? part.text : part.refusal;
    const name = isText ? "response.output_text" : "response.refusal";
    let characters = 0;
    for (const delta of piecesOf(text)) {
      produce(Math.ceil((characters + delta.length) / 4) - Math.ceil(characters / 4));
      characters += delta.length;
      yield* event(`${name}.delta`, { ...at, delta, ...(isText ? { logprobs: [] } : {}) });
    }
    yield* event(`${name}.done`, { ...at, ...(isText ? { text, logprobs: [] } : { refusal: text }) });
    yield* event("response.content_part.done", { ...at, part });
  }
}

function* callEvents(item: FunctionCallItem, output_index: number, event: MakeEvent): Iterable<StreamEvent> {
  const at = { item_id: item.id, output_index };
  yield* event("response.output_item.added", { output_index, item: { ...item, status: "in_progress", arguments: "" } });
  for (const delta of fragmentsOf(item.arguments))
    yield* event("response.function_call_arguments.delta", { ...at, delta });
  yield* event("response.function_call_arguments.done", { ...at, name: item.name, arguments: item.arguments });
}
