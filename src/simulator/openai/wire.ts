import { embeddings } from "../chat/embeddings.ts";
import { chatCompletions } from "../chat/respond.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { responsesRoutes } from "../responses/routes.ts";
import { bearerKey, modelOfRequest } from "../wire/credentials.ts";
import { openAiChat } from "./chat-dialect.ts";
import { openAiEmbeddings } from "./embedding-dialect.ts";
import { openAiError, openAiErrorEvent, openAiFailure } from "./errors.ts";
import { imageHandlers } from "./images.ts";
import { listModels, retrieveModel } from "./model-list.ts";
import { moderations } from "./moderations.ts";
import { openAiResponses } from "./responses-dialect.ts";
import { speech } from "./speech.ts";
import { transcriptions, translations } from "./transcription.ts";

/** The API at `https://api.openai.com/v1`, below `/openai/v1`. */
export function openAiWire(context: WireContext): ProviderWire {
  const images = imageHandlers(context);
  return {
    name: "openai",
    clientPath: "/openai/v1",
    routePath: "/openai/v1",
    routes: [
      { method: "POST", path: "/chat/completions", handle: chatCompletions(openAiChat, context) },
      ...responsesRoutes(openAiResponses, context),
      { method: "POST", path: "/embeddings", handle: embeddings(openAiEmbeddings) },
      { method: "POST", path: "/images/generations", handle: images.generate },
      { method: "POST", path: "/images/edits", handle: images.edit },
      { method: "POST", path: "/audio/speech", handle: speech },
      { method: "POST", path: "/audio/transcriptions", handle: transcriptions },
      { method: "POST", path: "/audio/translations", handle: translations },
      { method: "POST", path: "/moderations", handle: moderations },
      { method: "GET", path: "/models", handle: listModels },
      { method: "GET", path: /^\/models\/(.+)$/, handle: retrieveModel },
    ],
    keyOf: bearerKey,
    modelOf: modelOfRequest,
    headers: ({ requestId }) => ({
      "x-request-id": requestId,
      "openai-organization": "simulated",
      "openai-processing-ms": "1",
      "openai-version": "2020-10-01",
      "x-ratelimit-limit-requests": "10000",
      "x-ratelimit-remaining-requests": "9999",
      "x-ratelimit-reset-requests": "6ms",
    }),
    unauthenticated: (key) =>
      key === null
        ? openAiError(401, { message: "You didn't provide an API key. (simulated)", code: null })
        : openAiError(401, {
            message: "Incorrect API key provided. (simulated: use the simulator's own key)",
            code: "invalid_api_key",
          }),
    notFound: (request) =>
      openAiError(404, { message: `Invalid URL (${request.method} /v1${request.path})`, code: "unknown_url" }),
    tooLarge: () => openAiError(413, { message: "The request body is too large.", code: "request_too_large" }),
    failure: openAiFailure,
    errorEvent: openAiErrorEvent,
  };
}
