import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageUrls } from "../dialects/openai-chat/media.ts";
import { envelopeError, errorKind } from "./error.ts";
import { workersDefaults, workersEffort, workersRules } from "./rules.ts";

export const dialect: ChatDialect = {
  provider: "workers-ai",
  path: "/v1/chat/completions",
  rules: workersRules,
  maxTokensField: () => "max_tokens",
  effort: workersEffort,
  defaults: workersDefaults,
  emptyContent: "",
  schema: () => ({ form: "wrapped", profile: null, strict: false }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: imageUrls,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning_content", "reasoning"],
  thinkTags: true,
  reasoningInCompletion: true,
  errorKind,
  bodyError: envelopeError,
};
