import type { ModelFacts } from "../../infer/models.ts";

/** https://docs.anthropic.com/en/api/models-list */
export function anthropicModelList(models: readonly ModelFacts[]): object {
  const data = models.map(anthropicModel);
  return { data, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
}

export function anthropicModel(model: ModelFacts): object {
  return {
    type: "model",
    id: model.id,
    display_name: model.id,
    // No source says when a model was made; the field must be a time.
    created_at: "1970-01-01T00:00:00Z",
    max_input_tokens: model.context ?? null,
    max_tokens: model.max_output ?? null,
  };
}
