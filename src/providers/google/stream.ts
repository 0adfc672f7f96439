import type { ServerSentEvent, TextDecoder } from "../adapter.ts";
import { failure } from "../failure.ts";
import { asList, asObject, asText, asWord, type JsonObject, parseJson } from "../narrow.ts";
import type { ProviderFailure, TextEvent } from "../shapes/event.ts";
import { reasoningPart } from "../turn.ts";
import type { WireNames } from "../wire-names.ts";
import { googleError } from "./error.ts";
import { geminiFinish } from "./finish-reason.ts";
import { geminiUsage } from "./usage.ts";

/**
 * Decodes `GenerateContentResponse` chunks. There is no end marker: a finish reason makes the answer whole, the
 * connection's close ends it. Function calls come whole; usage is cumulative.
 */
export class GeminiDecoder implements TextDecoder {
  readonly #names: WireNames;
  #started = false;
  #answerId: string | undefined;
  #calls = 0;
  #thought = "";
  #thoughtSignature: string | undefined;
  #finish: string | undefined;
  #blocked: string | undefined;
  #done = false;

  constructor(toolNames: WireNames) {
    this.#names = toolNames;
  }

  push({ data }: ServerSentEvent): TextEvent[] {
    return data === "[DONE]" ? [] : this.#answer(data);
  }

  /** A JSON array of chunks, one object, or an error that came with status 200. */
  pushWhole(body: string): TextEvent[] {
    return this.#answer(body);
  }

  end(): TextEvent[] {
    if (this.#done) return [];
    this.#done = true;
    const events: TextEvent[] = [];
    this.#closeThought(events);
    if (this.#blocked !== undefined) {
      events.push({ type: "finish", reason: "content_filter", detail: this.#blocked });
    } else if (this.#finish === undefined) {
      events.push({ type: "failure", failure: failure("network", "the answer ended before it was whole") });
    } else {
      const end = geminiFinish(this.#finish, this.#calls > 0);
      events.push("kind" in end ? { type: "failure", failure: end } : { type: "finish", ...end });
    }
    return events;
  }

  #answer(text: string): TextEvent[] {
    if (this.#done) return [];
    const value = parseJson(text);
    const chunks = (Array.isArray(value) ? value : [value]).map(asObject);
    const events: TextEvent[] = [];
    for (const chunk of chunks) {
      if (!chunk)
        return [...events, ...this.#fail(failure("malformed", `a chunk is not an object: ${text.slice(0, 200)}`))];
      const error = asObject(chunk.error);
      if (error) return [...events, ...this.#fail(googleError(error))];
      this.#chunk(chunk, events);
    }
    return events;
  }

  #chunk(chunk: JsonObject, events: TextEvent[]): void {
    if (!this.#started) {
      this.#started = true;
      this.#answerId = asWord(chunk.responseId);
      events.push({ type: "start", model: asWord(chunk.modelVersion), requestId: this.#answerId });
    }
    const candidate = asObject(asList(chunk.candidates)[0]);
    for (const part of asList(asObject(candidate?.content)?.parts)) this.#part(asObject(part) ?? {}, events);
    this.#finish = asWord(candidate?.finishReason) ?? this.#finish;
    this.#blocked = asWord(asObject(chunk.promptFeedback)?.blockReason) ?? this.#blocked;
    const usage = asObject(chunk.usageMetadata);
    if (usage) events.push({ type: "usage", usage: geminiUsage(usage) });
  }

  #part(part: JsonObject, events: TextEvent[]): void {
    const signature = asWord(part.thoughtSignature);
    const call = asObject(part.functionCall);
    if (call) {
      this.#closeThought(events);
      this.#call(call, signature, events);
      return;
    }
    const text = asText(part.text);
    if (text === undefined) return;
    if (part.thought === true) {
      this.#thought += text;
      if (text !== "") events.push({ type: "reasoning", text });
      if (signature) {
        this.#thoughtSignature = signature;
        this.#closeThought(events);
      }
      return;
    }
    this.#closeThought(events);
    if (text !== "") events.push({ type: "text", text });
    if (signature) {
      const block = { thoughtSignature: signature, onText: text.length };
      events.push({ type: "reasoning_part", part: reasoningPart("google", "", block, this.#calls) });
    }
  }

  #call(call: JsonObject, thoughtSignature: string | undefined, events: TextEvent[]): void {
    const index = this.#calls++;
    const nativeId = asWord(call.id);
    events.push({
      type: "tool_call",
      index,
      id: nativeId ?? `${this.#answerId ?? "call"}_${index}`,
      name: this.#names.fromWire(asText(call.name) ?? ""),
      opaque: { google: { ...(nativeId && { id: nativeId }), ...(thoughtSignature && { thoughtSignature }) } },
    });
    events.push({ type: "tool_arguments", index, text: JSON.stringify(asObject(call.args) ?? {}) });
  }

  /** A thought is replayed only when it is signed: then as one part, as its chunks are deltas of one. */
  #closeThought(events: TextEvent[]): void {
    if (this.#thought === "" && this.#thoughtSignature === undefined) return;
    const signature = this.#thoughtSignature;
    const block = signature ? { text: this.#thought, thought: true, thoughtSignature: signature } : undefined;
    events.push({ type: "reasoning_part", part: reasoningPart("google", this.#thought, block, this.#calls) });
    this.#thought = "";
    this.#thoughtSignature = undefined;
  }

  #fail(failed: ProviderFailure): TextEvent[] {
    this.#done = true;
    return [{ type: "failure", failure: failed }];
  }
}
