import { bearer } from "../dialects/openai-chat/request.ts";
import { chatUsage } from "../dialects/openai-chat/usage.ts";
import { failure } from "../failure.ts";
import { asList, asObject, asText, asWord, parseObject } from "../narrow.ts";
import { withProviderOptions } from "../provider-options.ts";
import type { ModerationRequest, ModerationResult, ModerationVerdict } from "../shapes/moderation.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { dialect } from "./request.ts";

/** A prompt guard's score from which on a text counts as an attack. */
const attackScoreMin = 0.5;
const defaultPolicy = "Flag content that is violent, sexual, hateful, self-harming or criminal.";
const answerForm = 'Answer with JSON alone: {"flagged": true or false, "categories": ["short name", …]}.';

const isGuard = (nativeId: string) => nativeId.includes("prompt-guard");

/**
 * Moderation through chat: a prompt guard answers with the probability of an attack, a safeguard model with what the
 * policy in `prompt` asks of it. One text for each exchange.
 */
export const moderation: UnaryAdapter<ModerationRequest, ModerationResult> = {
  kind: "unary",
  check: () => [],
  split: (request) => request.params.input.map((text) => ({ ...request, params: { input: [text] } })),
  request: ({ prompt, params, provider_options }, model, credentials) => ({
    method: "POST",
    url: `${credentials.baseUrl}/chat/completions`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(
      withProviderOptions(
        {
          model: model.nativeId,
          messages: [
            ...(isGuard(model.nativeId)
              ? []
              : [{ role: "system", content: `${prompt || defaultPolicy}\n${answerForm}` }]),
            { role: "user", content: params.input[0] ?? "" },
          ],
          ...(!isGuard(model.nativeId) && { response_format: { type: "json_object" } }),
        },
        provider_options,
        "groq",
      ),
    ),
  }),
  decode: (answer, _request, model) => {
    const body = parseObject(Buffer.from(answer.body).toString("utf8"));
    const content = asText(asObject(asObject(asList(body?.choices)[0])?.message)?.content) ?? "";
    const verdict = isGuard(model.nativeId) ? guardVerdict(content) : policyVerdict(content);
    if (!verdict) return { failure: failure("malformed", `the verdict cannot be read: ${content.slice(0, 100)}`) };
    return {
      result: { verdicts: [verdict] },
      usage: chatUsage(asObject(body?.usage) ?? {}, dialect),
      requestId: asWord(body?.id),
    };
  },
};

function guardVerdict(content: string): ModerationVerdict | undefined {
  const score = Number(content.trim());
  if (content.trim() === "" || !(score >= 0 && score <= 1)) return undefined;
  const flagged = score >= attackScoreMin;
  return { flagged, categories: flagged ? ["prompt_attack"] : [], scores: { prompt_attack: score } };
}

function policyVerdict(content: string): ModerationVerdict | undefined {
  const verdict = parseObject(content);
  if (typeof verdict?.flagged !== "boolean") return undefined;
  return {
    flagged: verdict.flagged,
    categories: asList(verdict.categories).filter((name) => typeof name === "string"),
  };
}
