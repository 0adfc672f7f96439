import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageUrls } from "../dialects/openai-chat/media.ts";
import type { ResponsesDialect } from "../dialects/openai-responses/dialect.ts";
import { openaiStrict } from "../schema/profile.ts";
import { errorKind } from "./error.ts";
import { grokChatEffort, grokEffort, grokRules } from "./rules.ts";

export const chatDialect: ChatDialect = {
  provider: "xai",
  path: "/chat/completions",
  rules: grokRules,
  maxTokensField: () => "max_completion_tokens",
  effort: grokChatEffort,
  emptyContent: "",
  schema: () => ({ form: "wrapped", profile: openaiStrict, strict: true }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: imageUrls,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning_content"],
  thinkTags: false,
  reasoningInCompletion: "detect",
  errorKind,
};

export const responsesDialect: ResponsesDialect = {
  provider: "xai",
  path: "/responses",
  // Whether `instructions` is known is not documented; a system message is.
  systemRole: "system",
  rules: grokRules,
  effort: (effort) => ({ effort: grokEffort(effort) }),
  schemaProfile: openaiStrict,
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  errorKind,
};
