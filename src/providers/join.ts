import type { Usage } from "../core/usage.ts";
import type { ClassificationResult } from "./shapes/classification.ts";
import type { EmbeddingResult } from "./shapes/embedding.ts";
import type { ImageResult } from "./shapes/image.ts";
import type { ModerationResult } from "./shapes/moderation.ts";
import type { Succeeded } from "./task-adapter.ts";

type Parts<Result> = readonly Succeeded<Result>[];

/** Adds up what the parts of one request used, each unit by itself. */
export function joinUsage(usages: readonly Usage[]): Usage {
  const total: Record<string, number | bigint> = {};
  for (const usage of usages) {
    for (const [unit, amount] of Object.entries(usage) as [string, number | bigint][]) {
      const so = total[unit];
      total[unit] = so === undefined ? amount : (so as number) + (amount as number);
    }
  }
  return total as Usage;
}

function join<Result>(parts: Parts<Result>, result: Result): Succeeded<Result> {
  const warnings = parts.flatMap((part) => part.warnings ?? []);
  const requestId = parts.find((part) => part.requestId !== undefined)?.requestId;
  return {
    result,
    usage: joinUsage(parts.map((part) => part.usage)),
    ...(requestId !== undefined && { requestId }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** The parts' vectors in the order of the parts. */
export function joinEmbeddings(parts: Parts<EmbeddingResult>): Succeeded<EmbeddingResult> {
  return join(parts, { embeddings: parts.flatMap((part) => part.result.embeddings) });
}

export function joinModerations(parts: Parts<ModerationResult>): Succeeded<ModerationResult> {
  return join(parts, { verdicts: parts.flatMap((part) => part.result.verdicts) });
}

export function joinClassifications(parts: Parts<ClassificationResult>): Succeeded<ClassificationResult> {
  return join(parts, { labels: parts.flatMap((part) => part.result.labels) });
}

export function joinImages(parts: Parts<ImageResult>): Succeeded<ImageResult> {
  const filtered = parts.reduce((total, part) => total + (part.result.filtered ?? 0), 0);
  return join(parts, { images: parts.flatMap((part) => part.result.images), ...(filtered > 0 && { filtered }) });
}
