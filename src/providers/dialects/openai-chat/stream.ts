import type { ServerSentEvent, TextDecoder } from "../../adapter.ts";
import { failure } from "../../failure.ts";
import { asList, asObject, asText, asWord, type JsonObject, parseObject } from "../../narrow.ts";
import type { FinishReason, ProviderFailure, TextEvent } from "../../shapes/event.ts";
import { reasoningPart } from "../../turn.ts";
import type { WireNames } from "../../wire-names.ts";
import type { ChatDialect } from "./dialect.ts";
import { chatError, streamedFailure } from "./error.ts";
import { chatFinish } from "./finish-reason.ts";
import { ThinkTags } from "./think-tags.ts";
import { ToolCallDeltas } from "./tool-calls.ts";
import { chatUsage } from "./usage.ts";

/**
 * Decodes `chat.completion.chunk` events (and a whole `chat.completion`, where a server did not stream). The finish is
 * held back until the stream's end, so that usage, which comes in any chunk and often after the finish reason, is
 * always before it.
 */
export class ChatDecoder implements TextDecoder {
  readonly #dialect: ChatDialect;
  readonly #think: ThinkTags | undefined;
  readonly #calls: ToolCallDeltas;
  #started = false;
  #streamed = false;
  #done = false;
  #answerId: string | undefined;
  #reasoning = "";
  #hasField = false;
  #finish: string | undefined;
  #refused = false;

  constructor(dialect: ChatDialect, toolNames: WireNames) {
    this.#dialect = dialect;
    this.#think = dialect.thinkTags ? new ThinkTags() : undefined;
    this.#calls = new ToolCallDeltas(toolNames);
  }

  push({ event, data }: ServerSentEvent): TextEvent[] {
    if (this.#done) return [];
    if (data === "[DONE]") return this.#close(true);
    const chunk = parseObject(data);
    if (!chunk) return this.#fail(failure("malformed", `an event is not JSON: ${data.slice(0, 200)}`));
    if (event === "error" || (chunk.error !== undefined && chunk.error !== null)) return this.#failed(chunk);
    if (this.#dialect.bodyError?.(chunk)) return this.#failed(chunk);
    const events: TextEvent[] = [];
    this.#chunk(chunk, events);
    return events;
  }

  pushWhole(body: string): TextEvent[] {
    const parsed = parseObject(body);
    const answer = asObject(parsed?.result) ?? parsed;
    if (!answer) return this.#fail(failure("malformed", `the answer is not JSON: ${body.slice(0, 200)}`));
    if (!Array.isArray(answer.choices) || this.#dialect.bodyError?.(answer)) return this.#failed(parsed ?? answer);
    const events: TextEvent[] = [];
    this.#chunk(answer, events);
    if (!this.#done) events.push(...this.#close(true));
    return events;
  }

  end(): TextEvent[] {
    return this.#done ? [] : this.#close(false);
  }

  #chunk(chunk: JsonObject, events: TextEvent[]): void {
    if (!this.#started) {
      this.#started = true;
      this.#answerId = asWord(chunk.id);
      events.push({ type: "start", model: asWord(chunk.model), requestId: this.#answerId });
    }
    const choice = firstChoice(chunk.choices);
    if (choice) this.#choice(choice, events);
    const groq = asObject(chunk.x_groq);
    if (groq?.error) events.push(...this.#failed(groq));
    const usage = asObject(chunk.usage) ?? asObject(groq?.usage) ?? asObject(choice?.usage);
    if (usage && !this.#done) events.push({ type: "usage", usage: chatUsage(usage, this.#dialect) });
  }

  #choice(choice: JsonObject, events: TextEvent[]): void {
    // A whole message is an answer that was not streamed, or at a stream's end a repetition of what was.
    const delta = asObject(choice.delta) ?? (this.#streamed ? undefined : asObject(choice.message));
    if (asObject(choice.delta)) this.#streamed = true;
    if (delta) this.#delta(delta, events);
    const finish = asWord(choice.finish_reason);
    if (finish === "error")
      events.push(...this.#failed(asObject(choice.error) ? choice : { error: { message: "the model failed" } }));
    else if (finish !== undefined && finish !== "null") this.#finish = finish;
    if (asWord(choice.moderation_hit_type)) this.#finish = "content_filter";
  }

  #delta(delta: JsonObject, events: TextEvent[]): void {
    this.#shown(this.#reasoningIn(delta), contentText(delta.content), events);
    const refusal = asWord(delta.refusal);
    if (refusal) {
      this.#refused = true;
      events.push({ type: "text", text: refusal });
    }
    if (!Array.isArray(delta.tool_calls)) return;
    for (const item of delta.tool_calls) {
      const call = asObject(item);
      if (!call) continue;
      this.#closeReasoning(events);
      this.#calls.push(call, this.#answerId, events);
    }
  }

  #shown(reasoning: string, content: string, events: TextEvent[]): void {
    const apart = this.#think && content !== "" ? this.#think.push(content) : { reasoning: "", text: content };
    this.#hasField ||= reasoning !== "";
    // A server that fills a field may repeat the same thoughts between tags.
    const thought = this.#hasField ? reasoning : apart.reasoning;
    if (thought !== "") {
      this.#reasoning += thought;
      events.push({ type: "reasoning", text: thought });
    }
    if (apart.text !== "") {
      this.#closeReasoning(events);
      events.push({ type: "text", text: apart.text });
    }
  }

  #reasoningIn(delta: JsonObject): string {
    for (const field of this.#dialect.reasoningFields) {
      const text = contentText(delta[field]);
      if (text !== "") return this.#dialect.reasoningSnapshots ? this.#news(text) : text;
    }
    return "";
  }

  /** What a snapshot of all reasoning so far adds to it; a piece that is no snapshot is new as a whole. */
  #news(text: string): string {
    return text.startsWith(this.#reasoning) ? text.slice(this.#reasoning.length) : text;
  }

  #closeReasoning(events: TextEvent[]): void {
    if (this.#reasoning === "") return;
    const part = reasoningPart(this.#dialect.provider, this.#reasoning, undefined, this.#calls.begun);
    events.push({ type: "reasoning_part", part });
    this.#reasoning = "";
  }

  #close(whole: boolean): TextEvent[] {
    if (this.#finish === undefined && !whole) {
      return this.#fail(failure("network", "the answer ended before it was whole"));
    }
    if (this.#calls.hasNameless) return this.#fail(failure("malformed", "a tool call came without a name"));
    const events: TextEvent[] = [];
    const held = this.#think?.flush();
    if (held?.reasoning && !this.#hasField) {
      this.#reasoning += held.reasoning;
      events.push({ type: "reasoning", text: held.reasoning });
    }
    this.#closeReasoning(events);
    if (held?.text) events.push({ type: "text", text: held.text });
    events.push({ type: "finish", ...this.#finishFacts() });
    this.#done = true;
    return events;
  }

  #finishFacts(): { reason: FinishReason; detail?: string } {
    if (this.#refused) return { reason: "content_filter", detail: "refusal" };
    return chatFinish(this.#finish ?? "no finish reason given", this.#dialect, this.#calls.begun > 0);
  }

  #failed(body: JsonObject): TextEvent[] {
    const error = this.#dialect.bodyError?.(body) ?? chatError(body);
    return this.#fail(
      error
        ? streamedFailure(error, this.#dialect.errorKind)
        : failure("malformed", "the answer is not a chat completion"),
    );
  }

  #fail(failed: ProviderFailure): TextEvent[] {
    this.#done = true;
    return [{ type: "failure", failure: failed }];
  }
}

function firstChoice(choices: unknown): JsonObject | undefined {
  for (const item of asList(choices)) {
    const choice = asObject(item);
    if (choice && (choice.index === undefined || choice.index === 0)) return choice;
  }
  return undefined;
}

/** Content is text, or a list of parts that hold text. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return asList(content)
    .map((part) => asText(asObject(part)?.text) ?? "")
    .join("");
}
