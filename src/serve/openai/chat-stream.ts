import type { InferResult } from "../../infer/result.ts";
import type { TextEvent } from "../../providers/shapes/event.ts";
import { callIdWith } from "../api/carried.ts";
import { chatUsage, reasoningParts, switchyardFacts } from "./chat-completion.ts";

export interface ChatStreamOptions {
  readonly id: string;
  readonly createdMs: number;
  readonly model: string;
  readonly includeUsage: boolean;
}

/** Turns the events of one answer into `chat.completion.chunk`s. */
export class ChatChunks {
  readonly #base: { id: string; object: string; created: number; model: string };
  readonly #includeUsage: boolean;
  /** Calls whose arguments have not begun. Some models send none for a tool without parameters. */
  readonly #bareCalls = new Set<number>();

  constructor({ id, createdMs, model, includeUsage }: ChatStreamOptions) {
    this.#base = { id, object: "chat.completion.chunk", created: Math.floor(createdMs / 1000), model };
    this.#includeUsage = includeUsage;
  }

  begin(): object {
    return this.#chunk({ role: "assistant", content: "", refusal: null });
  }

  event(event: TextEvent): object | undefined {
    switch (event.type) {
      case "text":
        return this.#chunk({ content: event.text });
      case "reasoning":
        return this.#chunk({ reasoning_content: event.text });
      case "tool_call": {
        const { index, name } = event;
        this.#bareCalls.add(index);
        return this.#chunk({
          tool_calls: [{ index, id: callIdWith(event), type: "function", function: { name, arguments: "" } }],
        });
      }
      case "tool_arguments":
        if (event.text !== "") this.#bareCalls.delete(event.index);
        return this.#chunk({ tool_calls: [{ index: event.index, function: { arguments: event.text } }] });
      default:
        return undefined;
    }
  }

  /** The last chunks of an answer that is whole. */
  *end(result: InferResult): Generator<object> {
    // Clients parse the arguments as JSON, which nothing at all is not.
    for (const index of this.#bareCalls) yield this.#chunk({ tool_calls: [{ index, function: { arguments: "{}" } }] });
    const reasoning = reasoningParts(result.message?.content);
    const delta = reasoning.length === 0 ? {} : { reasoning_details: reasoning };
    const last = this.#chunk(delta, result.finish_reason ?? "stop");
    yield this.#includeUsage ? last : { ...last, switchyard: switchyardFacts(result) };
    if (this.#includeUsage) {
      yield { ...this.#base, choices: [], usage: chatUsage(result.usage), switchyard: switchyardFacts(result) };
    }
  }

  #chunk(delta: object, finishReason: string | null = null): object {
    return {
      ...this.#base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      ...(this.#includeUsage ? { usage: null } : {}),
    };
  }
}
