import type { ModelTasks } from "./catalog/model-tasks.data.ts";
import type { InferArgs } from "./infer/request.ts";
import type { InferOutput, InferResult } from "./infer/result.ts";
import type { MediaFacts } from "./infer/tasks/media-output.ts";
import type { ClassificationParams } from "./providers/shapes/classification.ts";
import type { EmbeddingParams } from "./providers/shapes/embedding.ts";
import type { ImageParams } from "./providers/shapes/image.ts";
import type { ModerationParams } from "./providers/shapes/moderation.ts";
import type { MusicParams } from "./providers/shapes/music.ts";
import type { RerankParams } from "./providers/shapes/rerank.ts";
import type { SpeechParams } from "./providers/shapes/speech.ts";
import type { TextParams } from "./providers/shapes/text.ts";
import type { TranscriptionParams } from "./providers/shapes/transcription.ts";
import type { VideoParams } from "./providers/shapes/video.ts";

/** What each task takes and gives, beyond what all calls have in common. */
interface Tasks {
  text: { params: TextParams; output: Pick<InferOutput, "text" | "json" | "tool_calls" | "reasoning"> };
  embedding: { params: EmbeddingParams; output: { readonly embeddings: readonly (readonly number[])[] } };
  image: { params: ImageParams; output: { readonly images: readonly MediaFacts[] } };
  video: { params: VideoParams; output: { readonly video: readonly MediaFacts[] } };
  speech: { params: SpeechParams; output: { readonly audio: readonly MediaFacts[] } };
  music: { params: MusicParams; output: { readonly audio: readonly MediaFacts[] } };
  transcription: { params: TranscriptionParams; output: Required<Pick<InferOutput, "text" | "transcript">> };
  moderation: { params: ModerationParams; output: Required<Pick<InferOutput, "moderation">> };
  classification: { params: ClassificationParams; output: Required<Pick<InferOutput, "classification">> };
  rerank: { params: RerankParams; output: Required<Pick<InferOutput, "ranking">> };
}

/** A model's task where its id is one that ships with Switchyard; routes, aliases and models of your own have none. */
type TaskOf<Model extends string> = Model extends keyof ModelTasks ? ModelTasks[Model] : never;

type ParamsOf<Model extends string> = [TaskOf<Model>] extends [never]
  ? Readonly<Record<string, unknown>>
  : Tasks[TaskOf<Model>]["params"];

/** Ids of models, for an editor to offer; any other text is taken too. */
export type ModelId = keyof ModelTasks | (string & {});

type Common = Partial<Omit<InferArgs, "model" | "params">>;

/** A prompt, a conversation, or the fields of `infer` but the model, with the params of the model's task. */
export type AiInput<Model extends string = string> =
  | string
  | NonNullable<InferArgs["messages"]>
  | (Common & { readonly params?: ParamsOf<Model> | undefined });

export type AiOptions<Model extends string = string> = Omit<Common, "prompt" | "messages"> & {
  readonly params?: ParamsOf<Model> | undefined;
  /** Ends the call when it aborts, unless it has an `idempotency_key`. */
  readonly signal?: AbortSignal | undefined;
  /** The caller's place in a trace (W3C Trace Context). */
  readonly traceparent?: string | undefined;
};

/** The result of a call, its output by the model's task. */
export type AiResult<Model extends string = string> = [TaskOf<Model>] extends [never]
  ? InferResult
  : Omit<InferResult, "output"> & { readonly output: Tasks[TaskOf<Model>]["output"] };
