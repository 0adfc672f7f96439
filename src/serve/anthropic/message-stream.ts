import type { InferResult } from "../../infer/result.ts";
import type { TextEvent } from "../../providers/shapes/event.ts";
import { callIdWith } from "../api/carried.ts";
import { switchyardFacts } from "../openai/chat-completion.ts";
import { anthropicUsage, stopReason } from "./message.ts";
import { toThinkingBlock } from "./thinking.ts";

export interface WireEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Turns the events of one answer into Anthropic's: a message of blocks, each begun, filled and ended. */
export class MessageEvents {
  /** The block that is being filled. */
  #open: { readonly index: number; readonly kind: "text" | "thinking" | "tool_use" } | undefined;
  #blocks = 0;
  readonly #blockOfCall = new Map<number, number>();

  begin(id: string, model: string): WireEvent {
    return {
      type: "message_start",
      message: {
        id,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: anthropicUsage(undefined),
      },
    };
  }

  *event(event: TextEvent): Generator<WireEvent> {
    switch (event.type) {
      case "text":
        yield* this.#ensure("text", { type: "text", text: "" });
        yield this.#delta({ type: "text_delta", text: event.text });
        break;
      case "reasoning":
        yield* this.#ensure("thinking", { type: "thinking", thinking: "", signature: "" });
        yield this.#delta({ type: "thinking_delta", thinking: event.text });
        break;
      case "reasoning_part":
        yield* this.#finishedThinking(toThinkingBlock(event.part));
        break;
      case "tool_call":
        yield* this.#close();
        this.#blockOfCall.set(event.index, this.#blocks);
        yield* this.#start("tool_use", { type: "tool_use", id: callIdWith(event), name: event.name, input: {} });
        break;
      case "tool_arguments": {
        const index = this.#blockOfCall.get(event.index);
        const delta = { type: "input_json_delta", partial_json: event.text };
        if (index !== undefined) yield { type: "content_block_delta", index, delta };
        break;
      }
      default:
        break;
    }
  }

  *end(result: InferResult): Generator<WireEvent> {
    yield* this.#close();
    yield {
      type: "message_delta",
      delta: { stop_reason: stopReason(result.finish_reason), stop_sequence: null },
      usage: anthropicUsage(result.usage),
      switchyard: switchyardFacts(result),
    };
    yield { type: "message_stop" };
  }

  /** A thinking block is known whole only at its end: its text has been sent, its signature has not. */
  *#finishedThinking(block: Record<string, unknown> | undefined): Generator<WireEvent> {
    if (block === undefined) {
      if (this.#open?.kind === "thinking") yield* this.#close();
      return;
    }
    if (block.type === "redacted_thinking") {
      yield* this.#close();
      yield* this.#start("thinking", block);
    } else {
      yield* this.#ensure("thinking", { type: "thinking", thinking: "", signature: "" });
      yield this.#delta({ type: "signature_delta", signature: block.signature });
    }
    yield* this.#close();
  }

  *#ensure(kind: "text" | "thinking", block: object): Generator<WireEvent> {
    if (this.#open?.kind === kind) return;
    yield* this.#close();
    yield* this.#start(kind, block);
  }

  *#start(kind: "text" | "thinking" | "tool_use", block: object): Generator<WireEvent> {
    const index = this.#blocks;
    this.#blocks += 1;
    this.#open = { index, kind };
    yield { type: "content_block_start", index, content_block: block };
  }

  *#close(): Generator<WireEvent> {
    if (this.#open === undefined) return;
    yield { type: "content_block_stop", index: this.#open.index };
    this.#open = undefined;
  }

  #delta(delta: object): WireEvent {
    return { type: "content_block_delta", index: this.#open?.index ?? 0, delta };
  }
}
