import { createHash } from "node:crypto";
import type { Caller } from "../../core/caller.ts";
import { canonicalJson } from "../../core/json.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { InferArgs } from "../request.ts";

/**
 * Under what an answer is kept: the workspace, the caller's rights, the model that answers, and everything that is asked
 * of it. Callers of different workspaces, or with different rights, never meet.
 */
export function cacheKey(args: InferArgs, card: ModelCard, { workspace, rights }: Caller): string {
  const { system, prompt, messages, params, tools, tool_choice, response_schema, on_unsupported } = args;
  const asked = {
    system,
    messages: prompt === undefined ? messages : [{ role: "user", content: prompt }],
    params,
    tools,
    tool_choice,
    response_schema,
    on_unsupported,
    options: args.provider_options?.[card.provider],
  };
  return createHash("sha256")
    .update(canonicalJson([workspace, rights, card.id, asked]))
    .digest("hex");
}
