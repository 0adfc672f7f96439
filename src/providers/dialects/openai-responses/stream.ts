import type { ServerSentEvent, TextDecoder } from "../../adapter.ts";
import { failure } from "../../failure.ts";
import { asCount, asList, asObject, asText, asWord, type JsonObject, parseObject } from "../../narrow.ts";
import type { ProviderFailure, TextEvent } from "../../shapes/event.ts";
import { reasoningPart } from "../../turn.ts";
import type { WireNames } from "../../wire-names.ts";
import { chatError, type ErrorKind, streamedFailure } from "../openai-chat/error.ts";
import { responsesFinish } from "./finish-reason.ts";
import { responsesUsage } from "./usage.ts";

/** One item of the answer while it is being streamed. */
interface OpenItem {
  /** Which tool call of the answer it is, when it is one. */
  callIndex: number | undefined;
  /** Text, reasoning or arguments that have been passed on, in characters. */
  streamed: number;
  summaryParts: number;
  done: boolean;
}

/**
 * Decodes Responses events. Each item is keyed by its output index, since its id may be missing or change. What a
 * server does not stream as deltas is taken from the item's `done` event, or from the response that ends the stream.
 */
export class ResponsesDecoder implements TextDecoder {
  readonly #provider: string;
  readonly #names: WireNames;
  readonly #errorKind: ErrorKind | undefined;
  readonly #items = new Map<number | string, OpenItem>();
  #calls = 0;
  #started = false;
  #refused = false;
  #done = false;

  constructor(provider: string, toolNames: WireNames, errorKind?: ErrorKind) {
    this.#provider = provider;
    this.#names = toolNames;
    this.#errorKind = errorKind;
  }

  push({ event, data }: ServerSentEvent): TextEvent[] {
    if (this.#done || data === "[DONE]") return [];
    const body = parseObject(data);
    if (!body) return this.#fail(failure("malformed", `an event is not JSON: ${data.slice(0, 200)}`));
    const events: TextEvent[] = [];
    this.#event(asWord(body.type) ?? event ?? "", body, events);
    return events;
  }

  pushWhole(text: string): TextEvent[] {
    const body = parseObject(text);
    if (!body) return this.#fail(failure("malformed", `the answer is not JSON: ${text.slice(0, 200)}`));
    if (!asWord(body.status) || !Array.isArray(body.output)) return this.#failed(body);
    const events: TextEvent[] = [];
    this.#start(body, events);
    this.#terminal(body, events);
    return events;
  }

  end(): TextEvent[] {
    return this.#done ? [] : this.#fail(failure("network", "the answer ended before it was whole"));
  }

  #event(type: string, body: JsonObject, events: TextEvent[]): void {
    switch (type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        if (type === "response.refusal.delta") this.#refused = true;
        this.#delta(body, "text", events);
        return;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        this.#delta(body, "reasoning", events);
        return;
      case "response.reasoning_summary_part.added":
        this.#summaryPart(body, events);
        return;
      case "response.function_call_arguments.delta":
        this.#arguments(body, asText(body.delta) ?? "", events);
        return;
      case "response.function_call_arguments.done":
        this.#rest(body, asText(body.arguments) ?? "", events);
        return;
      case "response.output_item.added":
        this.#added(this.#item(body), asObject(body.item) ?? {}, events);
        return;
      case "response.output_item.done":
        this.#itemDone(this.#item(body), asObject(body.item) ?? {}, events);
        return;
      case "response.created":
      case "response.in_progress":
        this.#start(asObject(body.response) ?? {}, events);
        return;
      case "response.completed":
      case "response.incomplete":
      case "response.done":
        this.#terminal(asObject(body.response) ?? {}, events);
        return;
      case "response.failed":
        this.#terminal({ ...asObject(body.response), status: "failed" }, events);
        return;
      case "error":
        events.push(...this.#failed(body));
        return;
      default:
        // Servers without event names send their errors bare.
        if (type === "" && body.error) events.push(...this.#failed(body));
    }
  }

  #start(response: JsonObject, events: TextEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    events.push({ type: "start", model: asWord(response.model), requestId: asWord(response.id) });
  }

  #item(body: JsonObject): OpenItem {
    const key = asCount(body.output_index) ?? asWord(body.item_id) ?? "only";
    const known = this.#items.get(key);
    if (known) return known;
    const item: OpenItem = { callIndex: undefined, streamed: 0, summaryParts: 0, done: false };
    this.#items.set(key, item);
    return item;
  }

  #delta(body: JsonObject, type: "text" | "reasoning", events: TextEvent[]): void {
    const text = asWord(body.delta);
    if (text === undefined) return;
    this.#item(body).streamed += text.length;
    events.push({ type, text });
  }

  #summaryPart(body: JsonObject, events: TextEvent[]): void {
    const item = this.#item(body);
    if (item.summaryParts++ > 0) events.push({ type: "reasoning", text: "\n\n" });
  }

  #added(item: OpenItem, added: JsonObject, events: TextEvent[]): void {
    if (added.type !== "function_call" || item.callIndex !== undefined) return;
    item.callIndex = this.#calls++;
    events.push({
      type: "tool_call",
      index: item.callIndex,
      id: asWord(added.call_id) ?? asWord(added.id) ?? `call_${item.callIndex}`,
      name: this.#names.fromWire(asText(added.name) ?? ""),
    });
  }

  #arguments(body: JsonObject, text: string, events: TextEvent[]): void {
    const item = this.#item(body);
    if (text === "" || item.callIndex === undefined) return;
    item.streamed += text.length;
    events.push({ type: "tool_arguments", index: item.callIndex, text });
  }

  /** The whole of the arguments: what of them was not streamed is passed on now. */
  #rest(body: JsonObject, whole: string, events: TextEvent[]): void {
    this.#arguments(body, whole.slice(this.#item(body).streamed), events);
  }

  #itemDone(item: OpenItem, done: JsonObject, events: TextEvent[]): void {
    if (item.done) return;
    item.done = true;
    if (done.type === "function_call") {
      this.#added(item, done, events);
      const rest = (asText(done.arguments) ?? "").slice(item.streamed);
      if (rest !== "" && item.callIndex !== undefined) {
        events.push({ type: "tool_arguments", index: item.callIndex, text: rest });
      }
    } else if (done.type === "reasoning") {
      const text = reasoningText(done);
      if (item.streamed === 0 && text !== "") events.push({ type: "reasoning", text });
      const block = asWord(done.encrypted_content) ? done : undefined;
      if (block || text !== "") {
        events.push({ type: "reasoning_part", part: reasoningPart(this.#provider, text, block, this.#calls) });
      }
    } else if (done.type === "message") {
      if (asList(done.content).some((part) => asObject(part)?.type === "refusal")) this.#refused = true;
      const text = messageText(done);
      if (item.streamed === 0 && text !== "") events.push({ type: "text", text });
    }
  }

  #terminal(response: JsonObject, events: TextEvent[]): void {
    for (const [output_index, item] of asList(response.output).entries()) {
      this.#itemDone(this.#item({ output_index }), asObject(item) ?? {}, events);
    }
    const usage = asObject(response.usage);
    if (usage) events.push({ type: "usage", usage: responsesUsage(usage) });
    if (response.status === "failed" || response.status === "cancelled") {
      events.push(...this.#failed(asObject(response.error) ?? { message: `the response was ${response.status}` }));
    } else {
      events.push({ type: "finish", ...responsesFinish(response, this.#calls > 0, this.#refused) });
      this.#done = true;
    }
  }

  #failed(body: JsonObject): TextEvent[] {
    const error = chatError(body);
    return this.#fail(
      error ? streamedFailure(error, this.#errorKind) : failure("malformed", "the answer is not a response"),
    );
  }

  #fail(failed: ProviderFailure): TextEvent[] {
    this.#done = true;
    return [{ type: "failure", failure: failed }];
  }
}

function reasoningText(item: JsonObject): string {
  const shown = [...asList(item.summary), ...asList(item.content)];
  return shown.flatMap((part) => asWord(asObject(part)?.text) ?? []).join("\n\n");
}

function messageText(item: JsonObject): string {
  return asList(item.content)
    .map((part) => asText(asObject(part)?.text) ?? asText(asObject(part)?.refusal) ?? "")
    .join("");
}
