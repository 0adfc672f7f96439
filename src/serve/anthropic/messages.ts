import type { InferArgs } from "../../infer/request.ts";
import { openEventStream } from "../api/event-stream.ts";
import type { Endpoint, Exchange } from "../api/exchange.ts";
import { streamedAnswer, wholeAnswer } from "../api/generation-answer.ts";
import { answerJson } from "../http-answer.ts";
import { anthropicError, anthropicErrors } from "./error.ts";
import { anthropicMessage } from "./message.ts";
import { parseMessageRequest } from "./message-request.ts";
import { MessageEvents, type WireEvent } from "./message-stream.ts";

/** Anthropic's messages over any text model. https://docs.anthropic.com/en/api/messages */
export const messagesEndpoint: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/messages$/,
  errors: anthropicErrors,
  async handle(exchange) {
    const { args, isStream } = parseMessageRequest(exchange.body, exchange.request);
    if (isStream) return stream(exchange, args);
    const result = await wholeAnswer(args, exchange);
    answerJson(exchange.response, 200, anthropicMessage(result), { "request-id": result.id });
  },
};

async function stream(exchange: Exchange, args: InferArgs): Promise<void> {
  const answer = await streamedAnswer(args, exchange);
  const { id } = answer.generation;
  const events = new MessageEvents();
  const out = openEventStream(exchange.response, { ...exchange, headers: { "request-id": id } });
  const send = (event: WireEvent) => out.send({ event: event.type, data: event });
  await send(events.begin(id, answer.model()));
  for await (const batch of answer.events()) {
    for (const event of batch) for (const wire of events.event(event)) await send(wire);
  }
  const result = await answer.result();
  if (result.error !== undefined) await out.send({ event: "error", data: anthropicError(result.error) });
  else for (const wire of events.end(result)) await send(wire);
  out.end();
}
