import { EventSourceParserStream } from "eventsource-parser/stream";

export interface ServerEvent {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** The server-sent events of an answer, their data parsed as JSON. */
export async function* readEvents(answer: Response): AsyncGenerator<ServerEvent> {
  if (answer.body === null) return;
  const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { event, id, data } of events) yield { event, id, data: JSON.parse(data) };
}
