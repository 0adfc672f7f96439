import type { GenerationEvent } from "../../infer/generation.ts";
import { usageFacts } from "../../infer/result.ts";

export interface NativeEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** An event in the words of the result. Undefined for what concerns only the pipeline; the numbering goes on over it. */
export function nativeEvent(event: GenerationEvent["event"]): NativeEvent | undefined {
  switch (event.type) {
    case "text":
    case "reasoning":
    case "tool_arguments":
    case "asked":
    case "attempt":
      return event;
    case "tool_call":
      return { type: "tool_call", index: event.index, id: event.id, name: event.name };
    case "usage":
      return { type: "usage", usage: usageFacts(event.usage, false) };
    case "finish":
      return { type: "finish", finish_reason: event.reason };
    default:
      return undefined;
  }
}
