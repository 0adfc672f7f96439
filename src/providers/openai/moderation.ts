import { chatError, streamedFailure } from "../dialects/openai-chat/error.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { answerObject, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { ModerationRequest, ModerationResult, ModerationVerdict } from "../shapes/moderation.ts";
import type { UnaryAdapter } from "../task-adapter.ts";

/** `POST /moderations`: every text at once, for nothing. */
export const moderation: UnaryAdapter<ModerationRequest, ModerationResult> = {
  kind: "unary",
  check: () => [],
  request: ({ params, provider_options }, model, credentials) => ({
    method: "POST",
    url: `${credentials.baseUrl}/moderations`,
    headers: { ...bearer(credentials.apiKey), "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(
      withMediaOptions({ model: model.nativeId, input: params.input }, provider_options, "openai", {
        input: "params.input",
      }),
    ),
  }),
  decode: (answer, { params }) => {
    const body = answerObject(answer);
    const error = chatError(body);
    if (error) return { failure: streamedFailure(error) };
    const verdicts = asList(body?.results).flatMap((result) => verdictOf(asObject(result)) ?? []);
    // A verdict that is missing would be taken for the next text's.
    if (verdicts.length !== params.input.length) return missing("verdict for each text");
    return { result: { verdicts }, usage: {}, requestId: requestIdOf(answer) };
  },
};

function verdictOf(result: JsonObject | undefined): ModerationVerdict | undefined {
  if (typeof result?.flagged !== "boolean") return undefined;
  const categories = Object.entries(asObject(result.categories) ?? {}).flatMap(([name, is]) =>
    is === true ? name : [],
  );
  const scores = Object.entries(asObject(result.category_scores) ?? {}).flatMap(([name, score]) => {
    const count = asCount(score);
    return count === undefined ? [] : [[name, count] as const];
  });
  return {
    flagged: result.flagged,
    categories,
    ...(scores.length > 0 && { scores: Object.fromEntries(scores) }),
  };
}
