import { providerLimits } from "../core/limits.ts";
import type { Usage } from "../core/usage.ts";
import { failure } from "./failure.ts";
import { asObject, type JsonObject, parseJson } from "./narrow.ts";
import { withoutAddedNulls } from "./schema/added-nulls.ts";
import type { FinishReason, ProviderFailure, TextEvent } from "./shapes/event.ts";
import type { Message, MessagePart, ToolCall } from "./shapes/message.ts";

/** A text answer put together from its events, whole or as far as it came. */
export interface CollectedText {
  readonly text?: string;
  /** The answer as a value, when a schema was asked for and the answer is JSON. */
  readonly json?: unknown;
  readonly reasoning?: string;
  readonly tool_calls?: readonly ToolCall[];
  /** The assistant message to append to `messages`. */
  readonly message: Message;
  readonly finish_reason?: FinishReason;
  /** The provider's own word for the finish, where ours says less. */
  readonly finish_detail?: string;
  /** Totals. Empty when the provider gave none. */
  readonly usage: Usage;
  readonly model?: string;
  readonly requestId?: string;
  /** Set when the answer failed or is not what was asked for. */
  readonly failure?: ProviderFailure;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly opaque?: unknown;
  json: string;
}

/** Accumulates the events of one answer. `result()` may be asked at any time. */
export class TextCollector {
  readonly #schema: JsonObject | undefined;
  readonly #content: MessagePart[] = [];
  readonly #calls = new Map<number, OpenCall>();
  #text = "";
  #openText = "";
  #reasoning = "";
  #characters = 0;
  #start: { model?: string; requestId?: string } = {};
  #usage: Usage = {};
  #finish: { finish_reason: FinishReason; finish_detail?: string } | undefined;
  #failure: ProviderFailure | undefined;

  constructor(options: { readonly responseSchema?: JsonObject | undefined } = {}) {
    this.#schema = options.responseSchema;
  }

  push(event: TextEvent): void {
    // A failure is the last thing that counts; after the bound is passed nothing more is kept.
    if (this.#failure) return;
    switch (event.type) {
      case "text":
        this.#count(event.text);
        this.#text += event.text;
        this.#openText += event.text;
        break;
      case "reasoning":
        this.#count(event.text);
        this.#reasoning += event.text;
        break;
      case "reasoning_part":
        this.#closeText();
        this.#content.push(event.part);
        break;
      case "tool_call": {
        const { id, name, opaque } = event;
        this.#calls.set(event.index, { id, name, json: "", ...(opaque !== undefined && { opaque }) });
        break;
      }
      case "tool_arguments": {
        this.#count(event.text);
        const call = this.#calls.get(event.index);
        if (call) call.json += event.text;
        break;
      }
      case "usage":
        this.#usage = event.usage;
        break;
      case "start": {
        const { model, requestId } = event;
        this.#start = { ...(model && { model }), ...(requestId && { requestId }) };
        break;
      }
      case "finish":
        this.#finish = { finish_reason: event.reason, ...(event.detail && { finish_detail: event.detail }) };
        break;
      case "failure":
        this.#failure = event.failure;
    }
  }

  result(): CollectedText {
    const calls = this.#toolCalls();
    const json = this.#json();
    const failed = this.#failure ?? calls.failure ?? json.failure;
    return {
      ...(this.#text !== "" && { text: this.#text }),
      ...("value" in json && { json: json.value }),
      ...(this.#reasoning !== "" && { reasoning: this.#reasoning }),
      ...(calls.calls.length > 0 && { tool_calls: calls.calls }),
      message: this.#message(calls.calls),
      ...this.#finish,
      usage: this.#usage,
      ...this.#start,
      ...(failed && { failure: failed }),
    };
  }

  #message(calls: ToolCall[]): Message {
    const tail: MessagePart[] = this.#openText === "" ? [] : [{ type: "text", text: this.#openText }];
    const content = [...this.#content, ...tail];
    const plain = content.every((part) => part.type === "text");
    return { role: "assistant", content: plain ? this.#text : content, ...(calls.length > 0 && { tool_calls: calls }) };
  }

  /** Calls whose arguments are JSON. One that is not is a failure, unless the answer was cut for length. */
  #toolCalls(): { calls: ToolCall[]; failure?: ProviderFailure } {
    const calls: ToolCall[] = [];
    let broken: OpenCall | undefined;
    for (const [, call] of [...this.#calls].sort(([a], [b]) => a - b)) {
      const { json, ...rest } = call;
      // A call without arguments is written as nothing, as `{}` or as null.
      const parsed = json.trim() === "" ? {} : (parseJson(json) ?? (json.trim() === "null" ? {} : undefined));
      const args = asObject(parsed);
      if (args) calls.push({ ...rest, arguments: { ...args } });
      else broken ??= call;
    }
    if (!broken || !this.#finish || this.#finish.finish_reason === "length") return { calls };
    const message = `the arguments of the call to ${broken.name} are not a JSON object: ${broken.json.slice(0, 200)}`;
    return { calls, failure: failure("malformed", message, { code: "invalid_tool_arguments" }) };
  }

  #json(): { value?: unknown; failure?: ProviderFailure } {
    if (!this.#schema || this.#finish === undefined) return {};
    const value = parseJson(this.#text);
    if (value !== undefined) return { value: withoutAddedNulls(value, this.#schema) };
    if (this.#finish.finish_reason !== "stop") return {};
    const message = `the answer is not the JSON that was asked for: ${this.#text.slice(0, 200)}`;
    return { failure: failure("malformed", message, { code: "invalid_json" }) };
  }

  #closeText(): void {
    if (this.#openText !== "") this.#content.push({ type: "text", text: this.#openText });
    this.#openText = "";
  }

  #count(text: string): void {
    this.#characters += text.length;
    if (this.#characters <= providerLimits.responseBodyBytesMax) return;
    const max = providerLimits.responseBodyBytesMax;
    this.#failure = failure("malformed", `the answer is longer than ${max} characters`, { code: "answer_too_long" });
  }
}

/** The result of a whole list of events. */
export function collectText(
  events: Iterable<TextEvent>,
  options: { readonly responseSchema?: JsonObject | undefined } = {},
): CollectedText {
  const collector = new TextCollector(options);
  for (const event of events) collector.push(event);
  return collector.result();
}
