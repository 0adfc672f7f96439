import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageAndVideoUrls } from "../dialects/openai-chat/media.ts";
import { baseRespError, errorKind } from "./error.ts";
import { minimaxRules } from "./rules.ts";

export const dialect: ChatDialect = {
  provider: "minimax",
  path: "/v1/chat/completions",
  rules: minimaxRules,
  maxTokensField: () => "max_completion_tokens",
  // Without it, thoughts come as tags in the content; some models send them so all the same.
  defaults: () => ({ reasoning_split: true }),
  emptyContent: "",
  schema: () => ({ form: "wrapped", profile: null, strict: false }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: imageAndVideoUrls,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning_details", "reasoning_content"],
  // MiniMax's documents show snapshots, its servers have been seen to send pieces (MiniMax-M2 issue 95).
  reasoningSnapshots: true,
  thinkTags: true,
  reasoningBack: (text) => ({ reasoning_details: [{ type: "reasoning.text", text }] }),
  reasoningInCompletion: true,
  errorKind,
  bodyError: baseRespError,
};
