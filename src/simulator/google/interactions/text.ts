import { reasoningTokensOf } from "../../chat/prompt.ts";
import { usageOf } from "../../chat/respond.ts";
import { answerTo } from "../../model/answer.ts";
import type { PrefixCache } from "../../model/prefix-cache.ts";
import { type Prompt, type Turn, turn } from "../../model/prompt.ts";
import { seal } from "../../model/seal.ts";
import type { IdSource } from "../../wire/ids.ts";
import { sealedCall, thoughtSeal } from "../content-rules.ts";
import type { GeminiModel } from "../models.ts";
import type { Made, MadeStep } from "./interaction.ts";
import type { Block, InteractionRequest, ResponseFormat, Step } from "./request.ts";
import { thoughtOf } from "./rules.ts";

/** Answers an interaction with a text model. */
export function makeText(
  asked: InteractionRequest,
  steps: readonly Step[],
  model: GeminiModel,
  cache: PrefixCache,
  ids: IdSource,
): Made {
  const prompt = promptOf(asked, steps, model);
  const answer = answerTo(prompt);
  const usage = usageOf(prompt, answer, { id: model.id, reportsCacheWrites: false }, cache, "interactions");
  const made: MadeStep[] = [];
  if (answer.reasoningTokens > 0) {
    const shows = asked.generation_config?.thinking_summaries === "auto";
    const summary = shows ? [{ type: "text", text: answer.reasoning }] : [];
    made.push({ type: "thought", signature: seal(thoughtSeal, thoughtOf), summary });
  }
  if (answer.text !== "") made.push({ type: "model_output", content: [{ type: "text", text: answer.text }] });
  const calls = answer.callsCut ? answer.calls.slice(0, -1) : answer.calls;
  for (const call of calls) {
    const args = JSON.parse(call.arguments) as object;
    const signature = answer.reasoningTokens > 0 ? {} : { signature: seal(thoughtSeal, sealedCall(call.name, args)) };
    made.push({ type: "function_call", id: ids.next("fc_"), name: call.name, arguments: args, ...signature });
  }
  const status =
    answer.finish === "length"
      ? "incomplete"
      : answer.finish === "blocked" || answer.finish === "refusal"
        ? "failed"
        : calls.length > 0
          ? "requires_action"
          : "completed";
  return { steps: made, status, usage, inputModality: "text", outputModality: "text" };
}

function promptOf(asked: InteractionRequest, steps: readonly Step[], model: GeminiModel): Prompt {
  const config = asked.generation_config ?? {};
  const formats: readonly ResponseFormat[] = [asked.response_format ?? []].flat();
  const text = formats.find((format) => format.type === "text");
  const level = config.thinking_level;
  return {
    label: `google/${model.id}`,
    turns: [
      ...(asked.system_instruction ? [turn("system", { text: asked.system_instruction })] : []),
      ...turnsOf(steps),
    ],
    tools: (asked.tools ?? []).map(({ name, parameters }) => ({ name, parameters: parameters ?? null })),
    toolChoice: "auto",
    parallelCalls: true,
    json: text && "schema" in text && text.schema ? text.schema : text?.mime_type === "application/json" ? "any" : null,
    maxOutputTokens: config.max_output_tokens ?? null,
    stop: config.stop_sequences ?? [],
    reasoningTokens: level === undefined ? model.thinkingTokensDefault : reasoningTokensOf(level),
    reasoningTokensIfAsked: reasoningTokensOf("medium"),
  };
}

function turnsOf(steps: readonly Step[]): Turn[] {
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const step of steps) {
    if (step.type === "function_call") {
      names.set(step.id, step.name);
      turns.push(turn("assistant", { calls: [`${step.name} ${JSON.stringify(step.arguments)}`] }));
    }
    if (step.type === "model_output") turns.push(turn("assistant", { text: textOf(step.content) }));
    if (step.type === "user_input") turns.push(userTurn(step.content, names));
  }
  return turns;
}

function userTurn(content: readonly Block[], names: ReadonlyMap<string, string>): Turn {
  const results = content.flatMap((block) =>
    block.type === "function_result"
      ? [{ name: block.name ?? names.get(block.call_id) ?? "tool", text: resultText(block.result) }]
      : [],
  );
  const text = textOf(content);
  const count = (types: readonly string[]) => content.filter(({ type }) => types.includes(type)).length;
  const role = results.length > 0 && text === "" ? "tool" : "user";
  return turn(role, { text, results, images: count(["image"]), files: count(["audio", "video", "document"]) });
}

function textOf(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.type === "text" ? block.text : "")).join("");
}

function resultText(result: unknown): string {
  if (typeof result === "string") return result;
  if (Array.isArray(result)) return result.map((block: { text?: string }) => block.text ?? "").join("");
  return JSON.stringify(result);
}
