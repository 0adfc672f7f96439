import { countTokens } from "./anthropic/count-tokens.ts";
import { messagesEndpoint } from "./anthropic/messages.ts";
import { type ApiOptions, apiRoute } from "./api/api-route.ts";
import type { HttpRoute } from "./http-route.ts";
import { blobByHandle } from "./native/blob.ts";
import { cancelGeneration, generationById } from "./native/generation.ts";
import { runEndpoint } from "./native/run.ts";
import { chatCompletions } from "./openai/chat.ts";
import { embeddings } from "./openai/embeddings.ts";
import { images } from "./openai/images.ts";
import { modelById, modelList } from "./openai/model-list.ts";
import { responses } from "./openai/responses/responses.ts";
import { speech } from "./openai/speech.ts";
import { transcriptions } from "./openai/transcriptions.ts";

/** Models over HTTP, for programs that have an SDK already; every endpoint goes through the one pipeline and pool. */
export function inferenceApi(options: ApiOptions): HttpRoute {
  const openAi = [chatCompletions, responses, embeddings, images, speech, transcriptions, modelList, modelById];
  const anthropic = [messagesEndpoint, countTokens];
  const native = [runEndpoint, generationById, cancelGeneration, blobByHandle];
  return apiRoute("/v1", [...openAi, ...anthropic, ...native], options);
}
