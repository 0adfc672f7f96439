import { answerTo } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { tokensOfPrompt } from "../model/tokens.ts";
import { type Parsed, parseBody } from "../parse.ts";
import type { ProviderName, ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { anthropicError, invalidRequest, shapeMessage } from "./errors.ts";
import { messageEvents } from "./events.ts";
import { messageBody, messageOf } from "./message.ts";
import { messagesIssue } from "./message-rules.ts";
import { configIssue, parametersIssue } from "./model-rules.ts";
import type { AnthropicModel } from "./models.ts";
import { promptOfMessages } from "./prompt.ts";
import { countTokensRequest, messagesRequest } from "./request.ts";
import { usageOfMessages } from "./usage.ts";

const bodyBytesMax = 32 * 1024 * 1024;

/** What providers that speak Anthropic's Messages differ in. */
export interface MessagesDialect {
  readonly provider: ProviderName;
  readonly model: (id: string) => AnthropicModel | null;
  /** The version a request is held to; throws a refusal when there is none. */
  readonly versionOf: (request: ProviderRequest) => string;
}

export interface MessagesHandlers {
  readonly create: (request: ProviderRequest) => Reply;
  readonly countTokens: (request: ProviderRequest) => Reply;
}

/** Answers `POST /v1/messages` and `/v1/messages/count_tokens` in one provider's dialect. */
export function messagesHandlers(dialect: MessagesDialect, context: WireContext): MessagesHandlers {
  const cache = prefixCache();

  function modelOf(id: string, { requestId }: ProviderRequest): AnthropicModel {
    const model = dialect.model(id);
    if (model === null) throw new Refusal(anthropicError(404, "not_found_error", `model: ${id}`, requestId));
    return model;
  }

  return {
    create(request) {
      const version = dialect.versionOf(request);
      const asked = read(request, parseBody(messagesRequest, bodyOf(request)));
      const model = modelOf(asked.model, request);
      refuseIf(
        parametersIssue(asked, model, version) ?? configIssue(asked, model) ?? messagesIssue(asked, model, version),
        request,
      );
      const prompt = promptOfMessages(asked, model, dialect.provider);
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
    },
    countTokens(request) {
      const version = dialect.versionOf(request);
      const asked = read(request, parseBody(countTokensRequest, bodyOf(request)));
      const model = modelOf(asked.model, request);
      refuseIf(configIssue(asked, model) ?? messagesIssue(asked, model, version), request);
      return jsonReply(200, { input_tokens: tokensOfPrompt(promptOfMessages(asked, model, dialect.provider)) });
    },
  };
}

/** The error for a body over 32 MB. */
export function tooLarge(requestId: string): Reply {
  return anthropicError(413, "request_too_large", "Request exceeds the maximum size", requestId);
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

function refuseIf(issue: null, request: ProviderRequest): undefined;
function refuseIf(issue: string, request: ProviderRequest): never;
function refuseIf(issue: string | null, request: ProviderRequest): undefined;
function refuseIf(issue: string | null, { requestId }: ProviderRequest): undefined {
  if (issue !== null) throw new Refusal(invalidRequest(issue, requestId));
}
