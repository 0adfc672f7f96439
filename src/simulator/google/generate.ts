import { usageOf } from "../chat/respond.ts";
import { answerTo } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { tokensOfPrompt } from "../model/tokens.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { configIssue } from "./config-rules.ts";
import { contentsIssue } from "./content-rules.ts";
import { invalidArgument, modelNotFound, refuse, shapeError } from "./errors.ts";
import { respondWithMedia } from "./media.ts";
import { type GeminiModel, geminiModel, mediaModel } from "./models.ts";
import { promptOfContents } from "./prompt.ts";
import { partsOf, responseBody, responseChunks, usageMetadata } from "./reply.ts";
import { type GenerateRequest, generateRequest } from "./request.ts";

export interface Generation {
  readonly generate: (request: ProviderRequest, model: string) => Reply;
  readonly stream: (request: ProviderRequest, model: string) => Reply;
  readonly countTokens: (request: ProviderRequest, model: string) => Reply;
}

/** `models/{model}:generateContent`, `:streamGenerateContent` and `:countTokens`. */
export function generation(context: WireContext): Generation {
  const cache = prefixCache();

  function respond(request: ProviderRequest, modelId: string, method: string, streams: boolean): Reply {
    const drawing = mediaModel(modelId);
    if (drawing) return respondWithMedia(checked(jsonOf(request), drawing), drawing, context, streams);
    const model = modelOf(modelId, method);
    const asked = checked(jsonOf(request), model);
    const config = asked.generationConfig;
    const prompt = promptOfContents(asked, model);
    const answer = answerTo(prompt);
    const candidates = streams ? 1 : (config?.candidateCount ?? 1);
    const usage = usageOf(prompt, answer, { id: model.id, reportsCacheWrites: false }, cache, "", candidates);
    if ((usage.inputTokens ?? 0) > model.inputMax) {
      refuse(
        `The input token count (${usage.inputTokens}) exceeds the maximum number of tokens allowed (${model.inputMax}).`,
      );
    }
    const showsThoughts = config?.thinkingConfig?.includeThoughts ?? false;
    const parts = partsOf(answer, model, showsThoughts, () => context.ids.next("fc_"));
    const head = { modelVersion: model.id, responseId: context.ids.next("") };
    const metadata = (outputTokens: number) => usageMetadata(usage, prompt, outputTokens);
    if (!streams) {
      const body = responseBody(head, answer, parts, metadata(usage.outputTokens ?? 0), candidates);
      return jsonReply(200, body, { billed: usage });
    }
    const isSse = request.query.get("alt") === "sse";
    const reply = streamReply(responseChunks(head, answer, parts, metadata, isSse, request.usagePlacement), usage);
    return isSse
      ? { ...reply, contentType: "text/event-stream" }
      : { ...reply, contentType: "application/json; charset=UTF-8" };
  }

  return {
    generate: (request, model) => respond(request, model, "generateContent", false),
    stream: (request, model) => respond(request, model, "streamGenerateContent", true),
    countTokens(request, modelId) {
      const model = modelOf(modelId, "countTokens");
      const body = jsonOf(request) as { generateContentRequest?: unknown };
      const asked = checked(body.generateContentRequest ?? body, model);
      const totalTokens = tokensOfPrompt(promptOfContents(asked, model));
      return jsonReply(200, { totalTokens, promptTokensDetails: [{ modality: "TEXT", tokenCount: totalTokens }] });
    },
  };
}

function modelOf(id: string, method: string): GeminiModel {
  const model = geminiModel(id);
  if (model === null) throw new Refusal(modelNotFound(id, method));
  return model;
}

/** The body as JSON. */
export function jsonOf(request: ProviderRequest): unknown {
  const body = request.json();
  if (body === undefined) throw new Refusal(invalidArgument("Invalid JSON payload received. Unexpected token."));
  return body;
}

function checked(body: unknown, model: GeminiModel): GenerateRequest {
  const parsed = parseBody(generateRequest, body);
  if (!parsed.ok) throw new Refusal(shapeError(parsed.issue));
  const issue = configIssue(parsed.value, model) ?? contentsIssue(parsed.value, model);
  return issue === null ? parsed.value : refuse(issue);
}
