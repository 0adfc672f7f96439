import type { Endpoint } from "../api/exchange.ts";
import { answerJson } from "../http-answer.ts";
import { anthropicErrors } from "./error.ts";
import { parseMessageRequest } from "./message-request.ts";

/**
 * `POST /v1/messages/count_tokens`. An estimate that costs nothing and needs no provider: agents ask it before each
 * turn to see whether the conversation still fits.
 */
export const countTokens: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/messages\/count_tokens$/,
  errors: anthropicErrors,
  async handle({ body, request, response }) {
    const { args } = parseMessageRequest(body, request);
    const { messages, system, tools, response_schema } = args;
    const characters = JSON.stringify({ messages, system, tools, response_schema }, withoutMedia).length;
    answerJson(response, 200, { input_tokens: Math.ceil(characters / charactersPerToken) });
  },
};

/** English prose and code have about four; JSON and other scripts have fewer, so this is rather too many tokens. */
const charactersPerToken = 3.5;

/** Base64 is not read as text: an image of common size is about as many tokens as this many characters. */
function withoutMedia(key: string, value: unknown): unknown {
  return (key === "data" || key === "url") && typeof value === "string" && value.length > 6_000
    ? "x".repeat(6_000)
    : value;
}
