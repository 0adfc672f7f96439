import type { ChatDialect } from "../dialects/openai-chat/dialect.ts";
import { openaiCallIds, openaiNames } from "../dialects/openai-chat/dialect.ts";
import { openaiMedia } from "../dialects/openai-chat/media.ts";
import type { ResponsesDialect } from "../dialects/openai-responses/dialect.ts";
import { openaiStrict } from "../schema/profile.ts";
import { openaiEffort, openaiFamily, openaiRules } from "./rules.ts";

/** A project may be set to a dearer tier: what is charged here is the standard one's price. */
const standardTier = { service_tier: "default" };

/** Chat Completions, for the models that do not reason. */
export const chatDialect: ChatDialect = {
  provider: "openai",
  path: "/chat/completions",
  defaults: () => standardTier,
  rules: openaiRules,
  maxTokensField: () => "max_completion_tokens",
  emptyContent: null,
  schema: () => ({ form: "wrapped", profile: openaiStrict, strict: true }),
  toolNames: openaiNames,
  toolCallIds: openaiCallIds,
  toolStrict: true,
  media: openaiMedia,
  fetchesUrls: true,
  usageOption: true,
  reasoningFields: [],
  thinkTags: false,
  reasoningInCompletion: true,
};

/** Responses, for the models that reason. */
export const responsesDialect: ResponsesDialect = {
  provider: "openai",
  path: "/responses",
  defaults: standardTier,
  systemRole: "developer",
  rules: openaiRules,
  effort: (effort, model) => {
    const native = openaiEffort(effort, openaiFamily(model));
    return native === "none" ? { effort: native } : { effort: native, summary: "auto" };
  },
  schemaProfile: openaiStrict,
  toolNames: openaiNames,
  toolCallIds: { ...openaiCallIds, maxLength: 64 },
};
