import { inferLimits } from "./core/limits.ts";
import { type Generation, isAnswer } from "./infer/generation.ts";
import { errorOfResult, type InferResult } from "./infer/result.ts";

/** A piece of an answer, as it comes. */
export type AiChunk =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | { readonly type: "tool_call"; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: "tool_arguments"; readonly index: number; readonly text: string }
  /** A provider works on it; `progress` from 0 to 1, where the provider says. */
  | { readonly type: "progress"; readonly progress: number | undefined };

/**
 * An answer while it is written. Each reader has its own place in it and goes at its own pace: what it has not read yet is
 * the answer itself, held once for all, and pieces that wait are handed over together.
 */
export interface AiStream<Result = InferResult> extends AsyncIterable<AiChunk> {
  /** Of the generation, to take it up again elsewhere. */
  readonly id: string;
  /** The whole result. @throws SwitchyardError of a call that failed. */
  result(): Promise<Result>;
  /** Ends the call; what was delivered is paid. */
  cancel(): void;
}

/** Reads a generation. Who leaves its loop early ends the call, unless `isKept`. */
export function aiStream(generation: Generation, isKept: boolean): AiStream {
  const result = async () => {
    const ended = await generation.done;
    if (ended.status === "failed" || ended.status === "cancelled") throw errorOfResult(ended);
    return ended;
  };
  return {
    id: generation.id,
    result,
    cancel: () => generation.cancel(),
    async *[Symbol.asyncIterator]() {
      let next = 0;
      try {
        for await (const { seq } of generation.read()) {
          if (seq < next) continue;
          const { chunk, events } = chunkAt(generation, seq);
          next = seq + events;
          if (chunk) yield chunk;
        }
        await result();
      } finally {
        if (!generation.result && !isKept) generation.cancel();
      }
    },
  };
}

/** The piece at a place, text that follows it joined, and how many events it takes up. */
function chunkAt({ events }: Generation, from: number): { chunk: AiChunk | undefined; events: number } {
  const first = events[from]?.event;
  if (!first) return { chunk: undefined, events: 1 };
  if (first.type === "job") return { chunk: { type: "progress", progress: first.progress }, events: 1 };
  if (first.type === "tool_call") {
    const { type, index, id, name } = first;
    return { chunk: { type, index, id, name }, events: 1 };
  }
  if (first.type === "tool_arguments") return { chunk: first, events: 1 };
  if (first.type !== "text" && first.type !== "reasoning") return { chunk: undefined, events: 1 };
  let [text, at] = ["", from];
  for (; text.length < inferLimits.streamChunkCharactersMax; at += 1) {
    const event = events[at]?.event;
    if (!event || !isAnswer(event) || event.type !== first.type) break;
    text += event.text;
  }
  return { chunk: { type: first.type, text }, events: at - from };
}
