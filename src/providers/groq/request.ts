import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageUrls } from "../dialects/openai-chat/media.ts";
import { openaiStrict } from "../schema/profile.ts";
import { errorKind } from "./error.ts";
import { groqDefaults, groqEffort, groqRules, isStrict } from "./rules.ts";

export const dialect: ChatDialect = {
  provider: "groq",
  path: "/chat/completions",
  rules: groqRules,
  maxTokensField: () => "max_completion_tokens",
  effort: groqEffort,
  defaults: groqDefaults,
  emptyContent: null,
  schema: (model) => ({ form: "wrapped", profile: isStrict(model) ? openaiStrict : null, strict: isStrict(model) }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: imageUrls,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning"],
  thinkTags: false,
  reasoningInCompletion: true,
  errorKind,
};
