import type { ProviderRequest, ProviderWire, WireContext } from "../provider.ts";
import { bearerKey, headerOf, modelIn } from "../wire/credentials.ts";
import { Refusal, type Reply } from "../wire/reply.ts";
import { anthropicError, anthropicErrorEvent, anthropicFailure, invalidRequest } from "./errors.ts";
import { messagesHandlers, tooLarge } from "./messages.ts";
import { listModels, retrieveModel } from "./model-list.ts";
import { anthropicModel } from "./models.ts";

const versions = ["2023-06-01", "2026-10-21"];

/** The API at `https://api.anthropic.com`, below `/anthropic`. */
export function anthropicWire(context: WireContext): ProviderWire {
  const { create, countTokens } = messagesHandlers(
    { provider: "anthropic", model: anthropicModel, versionOf },
    context,
  );
  return {
    name: "anthropic",
    clientPath: "/anthropic",
    routePath: "/anthropic",
    routes: [
      { method: "POST", path: "/v1/messages", handle: create },
      { method: "POST", path: "/v1/messages/count_tokens", handle: countTokens },
      { method: "GET", path: "/v1/models", handle: withVersion(listModels) },
      { method: "GET", path: /^\/v1\/models\/([^/]+)$/, handle: withVersion(retrieveModel) },
    ],
    keyOf: (request) => headerOf(request, "x-api-key") ?? bearerKey(request),
    modelOf: (request) => modelIn(request.json()),
    headers: ({ requestId }) => ({
      "request-id": requestId,
      "anthropic-organization-id": "simulated",
      "anthropic-ratelimit-requests-limit": "4000",
      "anthropic-ratelimit-requests-remaining": "3999",
    }),
    unauthenticated: (key, { requestId }) =>
      anthropicError(
        401,
        "authentication_error",
        key === null ? "x-api-key header is required (simulated)" : "invalid x-api-key (simulated)",
        requestId,
      ),
    notFound: ({ requestId }) => anthropicError(404, "not_found_error", "Not found", requestId),
    tooLarge: ({ requestId }) => tooLarge(requestId),
    failure: anthropicFailure,
    errorEvent: (kind, { requestId }) => anthropicErrorEvent(kind, requestId),
  };
}

function withVersion(handle: (request: ProviderRequest, parameters: readonly string[]) => Reply) {
  return (request: ProviderRequest, parameters: readonly string[]) => {
    versionOf(request);
    return handle(request, parameters);
  };
}

function versionOf(request: ProviderRequest): string {
  const version = headerOf(request, "anthropic-version");
  if (version !== null && versions.includes(version)) return version;
  const issue =
    version === null
      ? "anthropic-version: header is required"
      : `anthropic-version: "${version}" is not a valid version`;
  throw new Refusal(invalidRequest(issue, request.requestId));
}
