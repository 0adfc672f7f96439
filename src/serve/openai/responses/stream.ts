import type { InferResult } from "../../../infer/result.ts";
import type { TextEvent } from "../../../providers/shapes/event.ts";
import { callIdWith } from "../../api/carried.ts";
import { openAiError } from "../error.ts";
import {
  closedResponse,
  messageItem,
  openedResponse,
  type ResponseFrame,
  reasoningItem,
  textPart,
} from "./response.ts";

export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [member: string]: unknown;
}

/** An item that is being written. */
interface OpenItem {
  readonly kind: "message" | "reasoning" | "function_call";
  readonly id: string;
  readonly index: number;
  readonly call?: { readonly call_id: string; readonly name: string };
  text: string;
}

/** Turns the events of one answer into those of a response: items begun, filled and ended, each event numbered. */
export class ResponseEvents {
  readonly #frame: ResponseFrame;
  readonly #items: object[] = [];
  readonly #openCalls = new Map<number, OpenItem>();
  /** The text or reasoning that is being written; calls are open until the end, since their arguments may interleave. */
  #open: OpenItem | undefined;
  #count = 0;
  #sequence = 0;

  constructor(frame: ResponseFrame) {
    this.#frame = frame;
  }

  *begin(): Generator<ResponseEvent> {
    yield this.#event("response.created", { response: openedResponse(this.#frame) });
    yield this.#event("response.in_progress", { response: openedResponse(this.#frame) });
  }

  *event(event: TextEvent): Generator<ResponseEvent> {
    switch (event.type) {
      case "text":
        yield* this.#ensure("message");
        yield* this.#write(event.text, "response.output_text.delta", { content_index: 0, logprobs: [] });
        break;
      case "reasoning":
        yield* this.#ensure("reasoning");
        yield* this.#write(event.text, "response.reasoning_summary_text.delta", { summary_index: 0 });
        break;
      case "reasoning_part":
        if (this.#open?.kind !== "reasoning") yield* this.#start("reasoning");
        yield* this.#close(reasoningItem(this.#open?.id ?? "", event.part));
        break;
      case "tool_call":
        yield* this.#close();
        yield* this.#startCall(event);
        break;
      case "tool_arguments": {
        const item = this.#openCalls.get(event.index);
        if (item === undefined) break;
        item.text += event.text;
        yield this.#event("response.function_call_arguments.delta", { ...at(item), delta: event.text });
        break;
      }
      default:
        break;
    }
  }

  *end(result: InferResult): Generator<ResponseEvent> {
    yield* this.#close();
    for (const item of this.#openCalls.values()) yield* this.#endCall(item);
    if (result.error !== undefined) {
      const { message, code } = openAiError(result.error) as { message: string; code: string };
      const response = {
        ...openedResponse(this.#frame),
        status: "failed",
        error: { code, message },
        output: this.#items,
      };
      yield this.#event("response.failed", { response });
      return;
    }
    const response = closedResponse(this.#frame, result, this.#items) as { status: string };
    yield this.#event(`response.${response.status}`, { response });
  }

  *#ensure(kind: "message" | "reasoning"): Generator<ResponseEvent> {
    if (this.#open?.kind === kind) return;
    yield* this.#close();
    yield* this.#start(kind);
  }

  *#start(kind: "message" | "reasoning"): Generator<ResponseEvent> {
    yield* this.#close();
    const item = this.#newItem(kind);
    this.#open = item;
    const empty =
      kind === "message"
        ? { id: item.id, type: "message", role: "assistant", status: "in_progress", content: [] }
        : { id: item.id, type: "reasoning", summary: [] };
    yield this.#event("response.output_item.added", { output_index: item.index, item: empty });
    if (kind === "message") {
      yield this.#event("response.content_part.added", { ...at(item), content_index: 0, part: textPart("") });
    } else {
      const part = { type: "summary_text", text: "" };
      yield this.#event("response.reasoning_summary_part.added", { ...at(item), summary_index: 0, part });
    }
  }

  *#write(text: string, type: string, fields: object): Generator<ResponseEvent> {
    const item = this.#open;
    if (item === undefined) return;
    item.text += text;
    yield this.#event(type, { ...at(item), ...fields, delta: text });
  }

  /** Ends what is open. Reasoning that is known whole is given as it goes back to its provider. */
  *#close(whole?: object): Generator<ResponseEvent> {
    const item = this.#open;
    if (item === undefined) return;
    this.#open = undefined;
    const { text } = item;
    if (item.kind === "message") {
      const part = textPart(text);
      yield this.#event("response.output_text.done", { ...at(item), content_index: 0, text, logprobs: [] });
      yield this.#event("response.content_part.done", { ...at(item), content_index: 0, part });
      yield* this.#done(item, messageItem(item.id, text));
    } else {
      const part = { type: "summary_text", text };
      yield this.#event("response.reasoning_summary_text.done", { ...at(item), summary_index: 0, text });
      yield this.#event("response.reasoning_summary_part.done", { ...at(item), summary_index: 0, part });
      yield* this.#done(item, whole ?? { id: item.id, type: "reasoning", summary: [part] });
    }
  }

  *#startCall(event: Extract<TextEvent, { type: "tool_call" }>): Generator<ResponseEvent> {
    const call = { call_id: callIdWith(event), name: event.name };
    const item = { ...this.#newItem("function_call"), call };
    this.#openCalls.set(event.index, item);
    const empty = { id: item.id, type: "function_call", status: "in_progress", ...call, arguments: "" };
    yield this.#event("response.output_item.added", { output_index: item.index, item: empty });
  }

  *#endCall(item: OpenItem): Generator<ResponseEvent> {
    // Clients parse the arguments as JSON, which nothing at all is not.
    const args = item.text === "" ? "{}" : item.text;
    yield this.#event("response.function_call_arguments.done", { ...at(item), name: item.call?.name, arguments: args });
    yield* this.#done(item, { id: item.id, type: "function_call", status: "completed", ...item.call, arguments: args });
  }

  *#done(item: OpenItem, whole: object): Generator<ResponseEvent> {
    this.#items[item.index] = whole;
    yield this.#event("response.output_item.done", { output_index: item.index, item: whole });
  }

  #newItem(kind: OpenItem["kind"]): OpenItem {
    const index = this.#count;
    this.#count += 1;
    return { kind, id: `${this.#frame.id}_${index}`, index, text: "" };
  }

  #event(type: string, fields: object): ResponseEvent {
    const sequence_number = this.#sequence;
    this.#sequence += 1;
    return { type, sequence_number, ...fields };
  }
}

function at(item: OpenItem): { item_id: string; output_index: number } {
  return { item_id: item.id, output_index: item.index };
}
