import { asObject, asWord, type JsonObject } from "../../narrow.ts";
import type { FinishReason } from "../../shapes/event.ts";

/** What a response that is not `failed` ended with. */
export function responsesFinish(
  response: JsonObject,
  calledTools: boolean,
  refused: boolean,
): { reason: FinishReason; detail?: string } {
  if (refused) return { reason: "content_filter", detail: "refusal" };
  if (asWord(response.status) !== "incomplete") return { reason: calledTools ? "tool_calls" : "stop" };
  const why = asWord(asObject(response.incomplete_details)?.reason) ?? "incomplete";
  if (why === "content_filter") return { reason: "content_filter" };
  return why === "max_output_tokens" ? { reason: "length" } : { reason: "length", detail: why };
}
