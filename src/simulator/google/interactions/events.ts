import { fragmentsOf } from "../../chat/chunks.ts";
import { piecesOf } from "../../model/answer.ts";
import { countTokens } from "../../model/tokens.ts";
import type { StreamEvent } from "../../wire/reply.ts";
import { type Interaction, interactionBody, type MadeStep } from "./interaction.ts";

/** An interaction as its events. Those up to and with `after` have been seen by the client and are left out. */
export function* interactionEvents(interaction: Interaction, nowMs: number, after = -1): Iterable<StreamEvent> {
  const total = interaction.made.usage.outputTokens ?? 0;
  let number = 0;
  let produced = 0;
  const event = (event_type: string, fields: object, hasUsage = false): StreamEvent[] => {
    const event_id = String(number++);
    if (Number(event_id) <= after) return [];
    const wire = `data: ${JSON.stringify({ event_type, event_id, ...fields })}\n\n`;
    return [{ wire, outputTokens: Math.min(produced, total), hasUsage }];
  };

  yield* event("interaction.created", { interaction: interactionBody(interaction, "in_progress", nowMs) });
  yield* event("interaction.status_update", { interaction_id: interaction.id, status: "in_progress" });
  for (const [index, step] of interaction.made.steps.entries()) {
    yield* event("step.start", { index, step: emptied(step) });
    for (const [delta, tokens] of deltasOf(step)) {
      produced += step.type === "thought" ? (interaction.made.usage.reasoningTokens ?? 0) : tokens;
      yield* event("step.delta", { index, delta });
    }
    yield* event("step.stop", { index });
  }
  produced = total;
  const { status } = interaction.made;
  yield* event("interaction.completed", { interaction: interactionBody(interaction, status, nowMs, false) }, true);
}

function emptied(step: MadeStep): object {
  switch (step.type) {
    case "thought":
      return { type: "thought" };
    case "model_output":
      return { type: "model_output", content: [] };
    case "function_call":
      return { type: "function_call", id: step.id, name: step.name, arguments: {} };
  }
}

function* deltasOf(step: MadeStep): Iterable<[delta: object, tokens: number]> {
  switch (step.type) {
    case "thought":
      for (const content of step.summary) yield [{ type: "thought_summary", content }, 0];
      yield [{ type: "thought_signature", signature: step.signature }, 0];
      break;
    case "model_output":
      for (const content of step.content) {
        if (content.type !== "text") yield [content, 0];
        else for (const text of piecesOf(content.text)) yield [{ type: "text", text }, countTokens(text)];
      }
      break;
    case "function_call":
      if (step.signature) yield [{ type: "thought_signature", signature: step.signature }, 0];
      for (const piece of fragmentsOf(JSON.stringify(step.arguments))) {
        yield [{ type: "arguments_delta", arguments: piece }, countTokens(piece)];
      }
      break;
  }
}
