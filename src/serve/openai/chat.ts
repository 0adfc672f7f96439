import { openEventStream } from "../api/event-stream.ts";
import type { Endpoint, Exchange } from "../api/exchange.ts";
import { streamedAnswer, wholeAnswer } from "../api/generation-answer.ts";
import { answerJson } from "../http-answer.ts";
import { chatCompletion } from "./chat-completion.ts";
import { parseChatRequest } from "./chat-request.ts";
import { ChatChunks } from "./chat-stream.ts";
import { openAiError, openAiErrors } from "./error.ts";

/** OpenAI's chat completions over any text model. https://platform.openai.com/docs/api-reference/chat/create */
export const chatCompletions: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/chat\/completions$/,
  errors: openAiErrors,
  async handle(exchange) {
    const { args, isStream, includeUsage } = parseChatRequest(exchange.body, exchange.request);
    if (isStream) return stream(exchange, args, includeUsage);
    const result = await wholeAnswer(args, exchange);
    const headers = { "x-request-id": result.id };
    answerJson(exchange.response, 200, chatCompletion(result, exchange.clock.now()), headers);
  },
};

async function stream(
  exchange: Exchange,
  args: Parameters<typeof streamedAnswer>[0],
  includeUsage: boolean,
): Promise<void> {
  const answer = await streamedAnswer(args, exchange);
  const { id, startedAtMs } = answer.generation;
  const chunks = new ChatChunks({ id, createdMs: startedAtMs, model: answer.model(), includeUsage });
  const out = openEventStream(exchange.response, { ...exchange, headers: { "x-request-id": id } });
  await out.send({ data: chunks.begin() });
  for await (const batch of answer.events()) {
    for (const event of batch) {
      const chunk = chunks.event(event);
      if (chunk !== undefined) await out.send({ data: chunk });
    }
  }
  const result = await answer.result();
  if (result.error !== undefined) await out.send({ data: { error: openAiError(result.error) } });
  else for (const chunk of chunks.end(result)) await out.send({ data: chunk });
  await out.send({ data: "[DONE]" });
  out.end();
}
