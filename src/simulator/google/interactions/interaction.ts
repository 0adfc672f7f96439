import type { Usage } from "../../../core/usage.ts";

/** A step as the API answers it. */
export type MadeStep =
  | { readonly type: "thought"; readonly signature: string; readonly summary: readonly object[] }
  | { readonly type: "model_output"; readonly content: readonly MadeContent[] }
  | {
      readonly type: "function_call";
      readonly id: string;
      readonly name: string;
      readonly arguments: object;
      readonly signature?: string;
    };

export type MadeContent =
  | { readonly type: "text"; readonly text: string; readonly annotations?: readonly object[] }
  | {
      readonly type: "image" | "audio" | "video";
      readonly mime_type: string;
      readonly uri?: string;
      readonly data?: string;
    };

/** What a model made of an interaction, before it is asked for. */
export interface Made {
  readonly steps: readonly MadeStep[];
  readonly status: "completed" | "requires_action" | "incomplete" | "failed";
  readonly usage: Usage;
  /** Tokens by what they are of: `text` or a kind of media. */
  readonly inputModality: string;
  readonly outputModality: string;
}

export interface Interaction {
  readonly id: string;
  readonly model: string;
  readonly createdAtMs: number;
  readonly made: Made;
}

/** An interaction as JSON, at a status; what it made is shown once it has ended. */
export function interactionBody(interaction: Interaction, status: string, nowMs: number, withSteps = true): object {
  const hasEnded = status === interaction.made.status;
  return {
    id: interaction.id,
    object: "interaction",
    created: new Date(interaction.createdAtMs).toISOString(),
    updated: new Date(nowMs).toISOString(),
    status,
    model: interaction.model,
    service_tier: "standard",
    ...(hasEnded && withSteps ? { steps: interaction.made.steps } : {}),
    ...(hasEnded ? { usage: usageBody(interaction.made) } : {}),
  };
}

function usageBody({ usage, inputModality, outputModality }: Made): object {
  const thought = usage.reasoningTokens ?? 0;
  const input = usage.inputTokens ?? 0;
  const output = (usage.outputTokens ?? 0) - thought;
  return {
    total_tokens: input + output + thought,
    total_input_tokens: input,
    input_tokens_by_modality: [{ modality: inputModality, tokens: input }],
    total_cached_tokens: usage.cachedInputTokens ?? 0,
    total_output_tokens: output,
    ...(outputModality === "text" ? {} : { output_tokens_by_modality: [{ modality: outputModality, tokens: output }] }),
    total_tool_use_tokens: 0,
    total_thought_tokens: thought,
  };
}
