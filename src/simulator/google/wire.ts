import type { PathParameters, ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { modelIn } from "../wire/credentials.ts";
import type { Reply } from "../wire/reply.ts";
import { batchEmbedContents, embedContent } from "./embed.ts";
import { apiKeyInvalid, googleError, googleErrorEvent, googleFailure, invalidArgument } from "./errors.ts";
import { googleFiles } from "./files.ts";
import { generation } from "./generate.ts";
import { interactionRoutes } from "./interactions/routes.ts";
import { listModels, retrieveModel } from "./model-list.ts";

/** The Gemini API at `https://generativelanguage.googleapis.com/v1beta`, below `/google/v1beta`. */
export function googleWire(context: WireContext): ProviderWire {
  const { generate, stream, countTokens } = generation(context);
  return {
    name: "google",
    clientPath: "/google/v1beta",
    routePath: "/google/v1beta",
    routes: [
      ofModel("generateContent", generate),
      ofModel("streamGenerateContent", stream),
      ofModel("countTokens", countTokens),
      ofModel("embedContent", embedContent),
      ofModel("batchEmbedContents", batchEmbedContents),
      ...interactionRoutes(context),
      { method: "GET", path: /^\/files\/([^/:]+):download$/, handle: googleFiles(context).download },
      { method: "GET", path: "/models", handle: listModels },
      { method: "GET", path: /^\/models\/([^/:]+)$/, handle: retrieveModel },
    ],
    keyOf(request) {
      const key = request.headers["x-goog-api-key"];
      return typeof key === "string" ? key : request.query.get("key");
    },
    modelOf: (request) => /^\/models\/([^/:]+)/.exec(request.path)?.[1] ?? modelIn(request.json()),
    headers: () => ({ server: "simulated" }),
    unauthenticated: (key) =>
      key === null
        ? googleError(
            403,
            "PERMISSION_DENIED",
            "Method doesn't allow unregistered callers (callers without established identity). (simulated)",
          )
        : invalidArgument("API key not valid. Please pass a valid API key. (simulated)", [apiKeyInvalid]),
    notFound: () => googleError(404, "NOT_FOUND", "Requested entity was not found."),
    tooLarge: () => invalidArgument("Request payload size exceeds the limit: 104857600 bytes."),
    failure: googleFailure,
    errorEvent: (kind, request) => googleErrorEvent(kind, request.query.get("alt") === "sse"),
  };
}

function ofModel(verb: string, handle: (request: ProviderRequest, model: string) => Reply): Route {
  return {
    method: "POST",
    path: new RegExp(`^/models/([^/:]+):${verb}$`),
    handle: (request, [model = ""]: PathParameters) => handle(request, model),
  };
}
