import type { ServerSentEvent, TextDecoder } from "../adapter.ts";
import { failure } from "../failure.ts";
import { asCount, asList, asObject, asText, asWord, type JsonObject, parseObject } from "../narrow.ts";
import type { ProviderFailure, TextEvent } from "../shapes/event.ts";
import { reasoningPart } from "../turn.ts";
import type { WireNames } from "../wire-names.ts";
import { streamedError } from "./error.ts";
import { claudeFinish } from "./finish-reason.ts";
import { claudeUsage } from "./usage.ts";

/** A content block while it is being streamed, keyed by Anthropic's index over all kinds of blocks. */
interface OpenBlock {
  readonly type: string;
  /** Which tool call of the answer it is, when it is one. */
  readonly callIndex: number | undefined;
  /** How many tool calls had begun when it did. */
  readonly callsBefore: number;
  thinking: string;
  signature: string;
  /** What a redacted block holds. */
  readonly data: unknown;
}

/** Decodes Messages events. `message_delta` usage is cumulative, so it replaces what `message_start` said. */
export class ClaudeDecoder implements TextDecoder {
  readonly #names: WireNames;
  readonly #blocks = new Map<number, OpenBlock>();
  #usage: JsonObject = {};
  #calls = 0;
  #stopReason: string | undefined;
  #done = false;

  constructor(toolNames: WireNames) {
    this.#names = toolNames;
  }

  push({ event, data }: ServerSentEvent): TextEvent[] {
    if (this.#done) return [];
    const body = parseObject(data);
    if (!body) return this.#fail(failure("malformed", `an event is not JSON: ${data.slice(0, 200)}`));
    const events: TextEvent[] = [];
    this.#event(asWord(body.type) ?? event, body, events);
    return events;
  }

  pushWhole(text: string): TextEvent[] {
    const body = parseObject(text);
    if (body?.type === "error") return this.#fail(streamedError(body));
    if (body?.type !== "message") return this.#fail(failure("malformed", "the answer is not a message"));
    const events: TextEvent[] = [];
    this.#event("message_start", { message: { ...body, usage: {} } }, events);
    for (const [index, block] of asList(body.content).entries()) {
      this.#event("content_block_start", { index, content_block: block }, events);
      this.#event("content_block_stop", { index }, events);
    }
    this.#event("message_delta", { delta: body, usage: body.usage }, events);
    this.#event("message_stop", {}, events);
    return events;
  }

  end(): TextEvent[] {
    return this.#done ? [] : this.#fail(failure("network", "the answer ended before it was whole"));
  }

  #event(type: string | undefined, body: JsonObject, events: TextEvent[]): void {
    switch (type) {
      case "content_block_delta":
        this.#delta(body, events);
        return;
      case "content_block_start":
        this.#blockStart(body, events);
        return;
      case "content_block_stop":
        this.#blockStop(body, events);
        return;
      case "message_start": {
        const message = asObject(body.message) ?? {};
        events.push({ type: "start", model: asWord(message.model), requestId: asWord(message.id) });
        this.#usageSoFar(message.usage, events);
        return;
      }
      case "message_delta":
        this.#stopReason = asWord(asObject(body.delta)?.stop_reason) ?? this.#stopReason;
        this.#usageSoFar(body.usage, events);
        return;
      case "message_stop":
        this.#done = true;
        events.push({ type: "finish", ...claudeFinish(this.#stopReason ?? "end_turn") });
        return;
      case "error":
        events.push(...this.#fail(streamedError(body)));
        return;
      default:
      // `ping`, and whatever comes next year.
    }
  }

  #blockStart(body: JsonObject, events: TextEvent[]): void {
    const block = asObject(body.content_block) ?? {};
    const isCall = block.type === "tool_use";
    const open: OpenBlock = {
      type: asText(block.type) ?? "",
      callIndex: isCall ? this.#calls : undefined,
      callsBefore: this.#calls,
      thinking: "",
      signature: asText(block.signature) ?? "",
      data: block.data,
    };
    this.#blocks.set(asCount(body.index) ?? -1, open);
    if (isCall) {
      const name = this.#names.fromWire(asText(block.name) ?? "");
      events.push({ type: "tool_call", index: this.#calls, id: asWord(block.id) ?? `call_${this.#calls}`, name });
      this.#calls++;
    }
    // Blocks start empty and are filled by deltas, except in an answer that was not streamed.
    if (asWord(block.text) || asWord(block.thinking))
      this.#delta({ index: body.index, delta: beginning(block) }, events);
    const input = asObject(block.input);
    if (isCall && input && Object.keys(input).length > 0) {
      events.push({ type: "tool_arguments", index: this.#calls - 1, text: JSON.stringify(input) });
    }
  }

  #delta(body: JsonObject, events: TextEvent[]): void {
    const delta = asObject(body.delta) ?? {};
    const block = this.#blocks.get(asCount(body.index) ?? -1);
    switch (delta.type) {
      case "text_delta":
        if (asWord(delta.text)) events.push({ type: "text", text: asText(delta.text) ?? "" });
        return;
      case "thinking_delta": {
        const text = asText(delta.thinking) ?? "";
        if (block) block.thinking += text;
        if (text !== "") events.push({ type: "reasoning", text });
        return;
      }
      case "signature_delta":
        if (block) block.signature += asText(delta.signature) ?? "";
        return;
      case "input_json_delta": {
        const text = asText(delta.partial_json) ?? "";
        if (text !== "" && block?.callIndex !== undefined) {
          events.push({ type: "tool_arguments", index: block.callIndex, text });
        }
        return;
      }
      default:
    }
  }

  #blockStop(body: JsonObject, events: TextEvent[]): void {
    const index = asCount(body.index) ?? -1;
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.type === "thinking") {
      const whole = { type: "thinking", thinking: block.thinking, signature: block.signature };
      const part = reasoningPart("anthropic", block.thinking, whole, block.callsBefore);
      events.push({ type: "reasoning_part", part });
    } else if (block?.type === "redacted_thinking") {
      const whole = { type: "redacted_thinking", data: block.data };
      events.push({ type: "reasoning_part", part: reasoningPart("anthropic", "", whole, block.callsBefore) });
    }
  }

  #usageSoFar(usage: unknown, events: TextEvent[]): void {
    const known = Object.entries(asObject(usage) ?? {}).filter(([, value]) => value !== null && value !== undefined);
    if (known.length === 0) return;
    this.#usage = { ...this.#usage, ...Object.fromEntries(known) };
    events.push({ type: "usage", usage: claudeUsage(this.#usage) });
  }

  #fail(failed: ProviderFailure): TextEvent[] {
    this.#done = true;
    return [{ type: "failure", failure: failed }];
  }
}

/** The delta that holds the text which a block begins with. */
function beginning(block: JsonObject): JsonObject {
  return block.type === "thinking"
    ? { type: "thinking_delta", thinking: block.thinking }
    : { type: "text_delta", text: block.text };
}
