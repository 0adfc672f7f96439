import { openEventStream } from "../../api/event-stream.ts";
import type { Endpoint, Exchange } from "../../api/exchange.ts";
import { streamedAnswer, wholeAnswer } from "../../api/generation-answer.ts";
import { answerJson } from "../../http-answer.ts";
import { openAiErrors } from "../error.ts";
import { type ParsedResponseRequest, parseResponseRequest } from "./request.ts";
import { closedResponse, outputItems } from "./response.ts";
import { type ResponseEvent, ResponseEvents } from "./stream.ts";

/** OpenAI's responses over any text model. https://platform.openai.com/docs/api-reference/responses */
export const responses: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/responses$/,
  errors: openAiErrors,
  async handle(exchange) {
    const parsed = parseResponseRequest(exchange.body, exchange.request);
    if (parsed.isStream) return stream(exchange, parsed);
    const createdMs = exchange.clock.now();
    const result = await wholeAnswer(parsed.args, exchange);
    const frame = { id: result.id, createdMs, model: result.model, asked: parsed.asked };
    const headers = { "x-request-id": result.id };
    answerJson(exchange.response, 200, closedResponse(frame, result, outputItems(result)), headers);
  },
};

async function stream(exchange: Exchange, { args, asked }: ParsedResponseRequest): Promise<void> {
  const answer = await streamedAnswer(args, exchange);
  const { id, startedAtMs } = answer.generation;
  const events = new ResponseEvents({ id, createdMs: startedAtMs, model: answer.model(), asked });
  const out = openEventStream(exchange.response, { ...exchange, headers: { "x-request-id": id } });
  const send = async (given: Iterable<ResponseEvent>) => {
    for (const event of given) await out.send({ event: event.type, data: event });
  };
  await send(events.begin());
  for await (const batch of answer.events()) for (const event of batch) await send(events.event(event));
  await send(events.end(await answer.result()));
  out.end();
}
