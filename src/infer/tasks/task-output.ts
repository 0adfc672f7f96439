import type { Task } from "../../core/task.ts";
import type { MediaOutput } from "../../providers/shapes/media.ts";
import type { TranscriptionResult } from "../../providers/shapes/transcription.ts";
import type { InferOutput } from "../result.ts";
import { type Downloads, keepMedia } from "./media-output.ts";

/** An adapter's result as callers see it: media is kept and named by handle, vectors and verdicts are given as they are. */
export async function taskOutput(task: Task, result: unknown, downloads: Downloads): Promise<InferOutput> {
  const found = result as Record<string, never>;
  const keepAll = (media: readonly MediaOutput[]) => Promise.all(media.map((one) => keepMedia(one, downloads)));
  switch (task) {
    case "image":
      return { images: await keepAll(found.images ?? []) };
    case "video":
      return { video: await keepAll(found.videos ?? []) };
    case "speech":
    case "music":
      return { audio: await keepAll(found.audio === undefined ? [] : [found.audio]) };
    case "transcription": {
      const transcript = result as TranscriptionResult;
      return { text: transcript.text, transcript };
    }
    case "embedding":
      return { embeddings: found.embeddings };
    case "rerank":
      return { ranking: found.ranking };
    case "moderation":
      return { moderation: found.verdicts };
    case "classification":
      return { classification: found.labels };
    default:
      throw new Error(`nothing reads the result of a ${task} model`);
  }
}
