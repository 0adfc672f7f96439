import { failure } from "../failure.ts";
import { asCount, asList, asObject, defined, type JsonObject } from "../narrow.ts";
import type { ModerationRequest, ModerationResult, ModerationVerdict } from "../shapes/moderation.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { runRequest, runResult } from "./run.ts";

/** Llama Guard: `{safe, categories}`, or the same as it writes it: `safe`, or `unsafe` and a line of categories. */
export const moderation: UnaryAdapter<ModerationRequest, ModerationResult> = {
  kind: "unary",
  check: () => [],
  split: (request) => request.params.input.map((text) => ({ ...request, params: { input: [text] } })),
  request: ({ params, provider_options }, model, credentials) => {
    const body = {
      messages: [{ role: "user", content: params.input[0] ?? "" }],
      response_format: { type: "json_object" },
    };
    return runRequest(body, model, credentials, provider_options);
  },
  decode: (answer) => {
    const result = runResult(answer);
    const found = verdict(result?.response);
    if (!found) return { failure: failure("malformed", "the answer has no verdict") };
    const usage: JsonObject = asObject(result?.usage) ?? {};
    return {
      result: { verdicts: [found] },
      usage: defined({ inputTokens: asCount(usage.prompt_tokens), outputTokens: asCount(usage.completion_tokens) }),
    };
  },
};

function verdict(response: unknown): ModerationVerdict | undefined {
  const parsed = asObject(response);
  if (typeof parsed?.safe === "boolean") {
    const categories = asList(parsed.categories).filter((name) => typeof name === "string");
    return { flagged: !parsed.safe, categories };
  }
  const lines = typeof response === "string" ? response.trim().split(/\s+/) : [];
  if (lines[0] === "safe") return { flagged: false, categories: [] };
  if (lines[0] === "unsafe")
    return {
      flagged: true,
      categories: lines
        .slice(1)
        .flatMap((line) => line.split(","))
        .filter(Boolean),
    };
  return undefined;
}
