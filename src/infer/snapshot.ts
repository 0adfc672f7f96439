import type { Generation, GenerationEvent } from "./generation.ts";
import { costFacts, type InferResult } from "./result.ts";

/** What is known of a generation that still runs. */
export function runningResult(generation: Generation): InferResult {
  const attempted = generation.events.findLast(({ event }) => event.type === "asked")?.event;
  const model = attempted?.type === "asked" ? attempted.model : "";
  return {
    id: generation.id,
    status: "running",
    model,
    provider: model.slice(0, Math.max(0, model.indexOf("/"))),
    output: { text: textOf(generation.events) },
    cost: costFacts(0n, 0n),
    attempts: [],
    cached: false,
    warnings: [],
  };
}

/** The text that a list of events delivers. */
export function textOf(events: readonly GenerationEvent[]): string {
  return events.map(({ event }) => (event.type === "text" ? event.text : "")).join("");
}
