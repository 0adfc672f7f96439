import type { CollectedText } from "../providers/collect.ts";
import type { InferOutput } from "./result.ts";

/** A text answer as its caller sees it. */
export function textOutput({ text, json, reasoning, tool_calls }: CollectedText): InferOutput {
  return {
    ...(text !== undefined || tool_calls === undefined ? { text: text ?? "" } : {}),
    ...(json === undefined ? {} : { json }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(tool_calls === undefined ? {} : { tool_calls }),
  };
}
