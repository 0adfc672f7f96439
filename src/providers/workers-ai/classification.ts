import type { ModelCard } from "../../core/model-card.ts";
import { failure } from "../failure.ts";
import { asCount, asObject, defined } from "../narrow.ts";
import type { ClassificationRequest, ClassificationResult } from "../shapes/classification.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { runRequest, runResult } from "./run.ts";

const labelsMin = 2;
const labelsMax = 255;
const question = "label";

/** Clef: one question with a choice of labels about each text. */
export const classification: UnaryAdapter<ClassificationRequest, ClassificationResult> = {
  kind: "unary",
  check,
  split: (request) =>
    request.params.input.map((text) => ({ ...request, params: { ...request.params, input: [text] } })),
  request: ({ prompt, params, provider_options }, model, credentials) => {
    refuseUnsupported(check({ prompt, params }), model);
    const body = {
      model: selector(model),
      state: params.input[0] ?? "",
      questions: {
        [question]: { type: "choice", instructions: prompt || "Which label fits best?", criteria: params.labels },
      },
    };
    return runRequest(body, model, credentials, provider_options);
  },
  decode: (answer) => {
    const result = runResult(answer);
    const chosen = asObject(asObject(result?.answers)?.[question]);
    const probabilities = Object.entries(asObject(chosen?.probabilities) ?? {});
    const labels = probabilities.flatMap(([label, score]) => (typeof score === "number" ? [{ label, score }] : []));
    if (labels.length === 0) return { failure: failure("malformed", "the answer has no labels") };
    labels.sort((a, b) => b.score - a.score);
    const usage = asObject(result?.usage);
    return {
      result: { labels: [labels] },
      usage: defined({ inputTokens: asCount(usage?.input_tokens), outputTokens: asCount(usage?.output_tokens) }),
    };
  },
};

function check({ params }: ClassificationRequest): UnsupportedField[] {
  const count = Object.keys(params.labels).length;
  if (count >= labelsMin && count <= labelsMax) return [];
  const allowed = `from ${labelsMin} to ${labelsMax} labels`;
  return [{ field: "params.labels", reason: `${count} labels are no choice`, allowed, droppable: false }];
}

/** The body names the model again, by the last word of its id. */
function selector(model: ModelCard): string {
  return model.nativeId.slice(model.nativeId.lastIndexOf("/") + 1);
}
