import { answerTo } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { tokensOfPrompt } from "../model/tokens.ts";
import { type Parsed, parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, WireContext } from "../provider.ts";
import { bearerKey, modelIn } from "../wire/credentials.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { anthropicError, anthropicErrorEvent, anthropicFailure, invalidRequest, shapeMessage } from "./errors.ts";
import { messageEvents } from "./events.ts";
import { messageBody, messageOf } from "./message.ts";
import { messagesIssue } from "./message-rules.ts";
import { listModels, retrieveModel } from "./model-list.ts";
import { configIssue, parametersIssue } from "./model-rules.ts";
import { type AnthropicModel, anthropicModel } from "./models.ts";
import { promptOfMessages } from "./prompt.ts";
import { countTokensRequest, messagesRequest } from "./request.ts";
import { usageOfMessages } from "./usage.ts";

const versions = ["2023-06-01", "2026-10-21"];
const bodyBytesMax = 32 * 1024 * 1024;

/** The API at `https://api.anthropic.com`, below `/anthropic`. */
export function anthropicWire(context: WireContext): ProviderWire {
  const cache = prefixCache();

  function createMessage(request: ProviderRequest): Reply {
    const version = versionOf(request);
    const asked = read(request, parseBody(messagesRequest, bodyOf(request)));
    const model = modelOf(asked.model, request);
    refuseIf(
      parametersIssue(asked, model, version) ?? configIssue(asked, model) ?? messagesIssue(asked, model, version),
      request,
    );
    const prompt = promptOfMessages(asked, model);
    const answer = answerTo(prompt);
    const usage = usageOfMessages(asked, prompt, answer, cache);
    if ((usage.inputTokens ?? 0) > model.context) {
      refuseIf(`prompt is too long: ${usage.inputTokens} tokens > ${model.context} maximum`, request);
    }
    const display = asked.thinking && "display" in asked.thinking ? asked.thinking.display : null;
    const showsThinking = (display ?? model.displayDefault) === "summarized";
    const made = messageOf(answer, usage, asked.model, showsThinking, context.ids);
    if (asked.stream) return streamReply(messageEvents(made, request.usagePlacement), usage);
    return jsonReply(200, messageBody(made), { billed: usage });
  }

  function countTokens(request: ProviderRequest): Reply {
    const version = versionOf(request);
    const asked = read(request, parseBody(countTokensRequest, bodyOf(request)));
    const model = modelOf(asked.model, request);
    refuseIf(configIssue(asked, model) ?? messagesIssue(asked, model, version), request);
    return jsonReply(200, { input_tokens: tokensOfPrompt(promptOfMessages(asked, model)) });
  }

  return {
    name: "anthropic",
    clientPath: "/anthropic",
    routePath: "/anthropic",
    routes: [
      { method: "POST", path: "/v1/messages", handle: createMessage },
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

function tooLarge(requestId: string): Reply {
  return anthropicError(413, "request_too_large", "Request exceeds the maximum size", requestId);
}

function withVersion(handle: (request: ProviderRequest, parameters: readonly string[]) => Reply) {
  return (request: ProviderRequest, parameters: readonly string[]) => {
    versionOf(request);
    return handle(request, parameters);
  };
}

function versionOf(request: ProviderRequest): string {
  const version = headerOf(request, "anthropic-version");
  if (version === null) return refuseIf("anthropic-version: header is required", request);
  if (!versions.includes(version)) return refuseIf(`anthropic-version: "${version}" is not a valid version`, request);
  return version;
}

function bodyOf(request: ProviderRequest): unknown {
  if (request.body.length > bodyBytesMax) throw new Refusal(tooLarge(request.requestId));
  const body = request.json();
  return body === undefined ? refuseIf("The request body is not valid JSON", request) : body;
}

function read<T>({ requestId }: ProviderRequest, parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Refusal(invalidRequest(shapeMessage(parsed.issue), requestId));
  return parsed.value;
}

function modelOf(id: string, { requestId }: ProviderRequest): AnthropicModel {
  const model = anthropicModel(id);
  if (model === null) throw new Refusal(anthropicError(404, "not_found_error", `model: ${id}`, requestId));
  return model;
}

function refuseIf(issue: null, request: ProviderRequest): undefined;
function refuseIf(issue: string, request: ProviderRequest): never;
function refuseIf(issue: string | null, request: ProviderRequest): undefined;
function refuseIf(issue: string | null, { requestId }: ProviderRequest): undefined {
  if (issue !== null) throw new Refusal(invalidRequest(issue, requestId));
}

function headerOf(request: ProviderRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}
