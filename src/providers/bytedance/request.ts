import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageAndVideoUrls } from "../dialects/openai-chat/media.ts";
import { openaiStrict } from "../schema/profile.ts";
import { errorKind } from "./error.ts";
import { seedEffort, seedRules } from "./rules.ts";

export const dialect: ChatDialect = {
  provider: "bytedance",
  path: "/chat/completions",
  rules: seedRules,
  // Counts reasoning too; the other field does not, and would leave the call unbounded.
  maxTokensField: () => "max_completion_tokens",
  effort: seedEffort,
  emptyContent: "",
  schema: () => ({ form: "wrapped", profile: openaiStrict, strict: true }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: imageAndVideoUrls,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning_content"],
  thinkTags: false,
  reasoningInCompletion: true,
  errorKind,
};
