import { type ChatDialect, openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { imageAndVideoUrls } from "../dialects/openai-chat/media.ts";
import { mediaSource, toDataUrl } from "../media-source.ts";
import { openaiStrict } from "../schema/profile.ts";
import { errorKind } from "./error.ts";
import { qwenEffort, qwenRules } from "./rules.ts";

export const dialect: ChatDialect = {
  provider: "alibaba",
  path: "/compatible-mode/v1/chat/completions",
  rules: qwenRules,
  maxTokensField: () => "max_tokens",
  effort: qwenEffort,
  // The default is one call at a time.
  defaults: (_model, { tools }) => (tools?.length ? { parallel_tool_calls: true } : {}),
  emptyContent: "",
  schema: () => ({ form: "wrapped", profile: openaiStrict, strict: true }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: false,
  media: (part) => {
    if (part.type !== "audio") return imageAndVideoUrls(part);
    const source = mediaSource(part);
    return { type: "input_audio", input_audio: { data: source.kind === "url" ? source.url : toDataUrl(source) } };
  },
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: ["reasoning_content"],
  thinkTags: false,
  reasoningInCompletion: true,
  errorKind,
};
