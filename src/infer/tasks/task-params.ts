import type { z } from "zod";
import { SwitchyardError } from "../../core/errors.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { Task } from "../../core/task.ts";
import { classificationParams } from "../../providers/shapes/classification.ts";
import { embeddingParams } from "../../providers/shapes/embedding.ts";
import { imageParams } from "../../providers/shapes/image.ts";
import { moderationParams } from "../../providers/shapes/moderation.ts";
import { musicParams } from "../../providers/shapes/music.ts";
import { rerankParams } from "../../providers/shapes/rerank.ts";
import { speechParams } from "../../providers/shapes/speech.ts";
import { textParams } from "../../providers/shapes/text.ts";
import { transcriptionParams } from "../../providers/shapes/transcription.ts";
import { videoParams } from "../../providers/shapes/video.ts";

const schemas: Readonly<Partial<Record<Task, z.ZodObject>>> = {
  text: textParams,
  embedding: embeddingParams,
  moderation: moderationParams,
  rerank: rerankParams,
  classification: classificationParams,
  image: imageParams,
  video: videoParams,
  speech: speechParams,
  transcription: transcriptionParams,
  music: musicParams,
};

/** What `params` may hold for a model's task, or `undefined` for a task that cannot be called. */
export function paramsSchema(task: Task): z.ZodObject | undefined {
  return schemas[task];
}

/**
 * Checks `params` by the model's task.
 * @throws invalid_request naming the field and the params there are.
 */
export function parseParams(card: ModelCard, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const schema = schemas[card.task];
  if (!schema) {
    throw new SwitchyardError("unsupported", `${card.id} is a ${card.task} model, which infer cannot call`, {
      next: "Choose another model; the models tool lists tasks",
    });
  }
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
  const allowed = Object.keys(schema.shape);
  throw new SwitchyardError(
    "invalid_request",
    `params.${field} is not right for a ${card.task} model: ${issue?.message}`,
    {
      next: `The params of a ${card.task} model are ${allowed.join(", ")}`,
      details: { field: `params.${field}`, allowed },
    },
  );
}
