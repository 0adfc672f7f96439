import type { ModelCard } from "../../core/model-card.ts";
import type { Adapter } from "../adapter.ts";
import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { openaiMedia } from "../dialects/openai-chat/media.ts";
import { openaiModels } from "../dialects/openai-chat/models.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { openaiEmbeddings } from "../dialects/openai-embeddings/embedding.ts";
import type { JsonObject } from "../narrow.ts";
import { commonTextRules, type ReasoningEffort } from "../text-rules.ts";

/** An OpenAI-compatible server of the user's own: Ollama, llama.cpp, vLLM, LM Studio, a proxy. */
export interface CustomEndpoint {
  /** The part of a model's id before its slash. */
  readonly name: string;
  /** Up to and with the version, as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** The environment variable that holds the key, for servers that want one. */
  readonly keyVariable?: string | undefined;
}

const efforts: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "max"];

/** An adapter for an endpoint. Nothing is known of its models but what their cards say, so nothing else is refused. */
export function customAdapter({ name, baseUrl, keyVariable }: CustomEndpoint): Adapter {
  const dialect: ChatDialect = {
    provider: name,
    path: "/chat/completions",
    rules: (model: ModelCard) => ({ ...commonTextRules, efforts: model.features.reasoning ? efforts : [] }),
    maxTokensField: () => "max_tokens",
    effort: (effort): JsonObject => ({
      reasoning_effort: effort === "minimal" ? "low" : effort === "max" ? "high" : effort,
    }),
    emptyContent: "",
    schema: () => ({ form: "wrapped", profile: null, strict: true }),
    toolNames: openaiNames,
    toolCallIds: openaiCallIds,
    toolStrict: false,
    media: openaiMedia,
    // Local servers often cannot, and a private URL is the user's own business either way.
    fetchesUrls: false,
    usageOption: true,
    reasoningFields: ["reasoning_content", "reasoning", "reasoning_details"],
    thinkTags: true,
    reasoningInCompletion: true,
  };
  return {
    provider: name,
    defaultBaseUrl: baseUrl.replace(/\/+$/, ""),
    keyVariables: keyVariable === undefined ? [] : [keyVariable],
    text: chatText(dialect),
    embedding: openaiEmbeddings({
      provider: name,
      path: "/embeddings",
      batchMax: () => 256,
      dimensions: () => true,
      encoding: "float",
    }),
    models: openaiModels("/models"),
    decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
  };
}
