import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import type { Generation } from "../../infer/generation.ts";
import { openEventStream } from "../api/event-stream.ts";
import { type Endpoint, type Exchange, headerOf } from "../api/exchange.ts";
import { answerJson } from "../http-answer.ts";
import { nativeErrors } from "./error.ts";
import { nativeEvent } from "./event.ts";

const query = z.strictObject({
  from: z.coerce.number().int().nonnegative().optional(),
  wait_ms: z.coerce.number().int().nonnegative().optional(),
});

/**
 * `GET /v1/generations/{id}`: `infer.result` over HTTP, from whichever process runs the generation or ran it. With
 * `Accept: text/event-stream` its events, from `from` or after `Last-Event-ID` on, and then those to come.
 */
export const generationById: Endpoint = {
  method: "GET",
  pattern: /^\/v1\/generations\/(?<id>[\w-]+)$/,
  errors: nativeErrors,
  async handle(exchange) {
    const { request, url, path, gateway, caller, signal } = exchange;
    const args = parseArguments({ name: "generations", input: query }, Object.fromEntries(url.searchParams));
    const id = path.id ?? "";
    if (headerOf(request, "accept")?.includes("text/event-stream") === true) {
      const from = args.from ?? afterLastEvent(headerOf(request, "last-event-id"));
      return streamGeneration(exchange, gateway.infer.find(id, caller, signal), from);
    }
    answerJson(exchange.response, 200, await gateway.infer.result({ id, ...args }, caller, { signal }));
  },
};

/** `POST /v1/generations/{id}/cancel`: stops it; answers what it had come to. */
export const cancelGeneration: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/generations\/(?<id>[\w-]+)\/cancel$/,
  errors: nativeErrors,
  async handle({ path, response, gateway, caller, signal }) {
    const args = { id: path.id ?? "", cancel: true };
    answerJson(response, 200, await gateway.infer.result(args, caller, { signal }));
  },
};

/** A generation's events as server-sent events, each with its number as id, and its result as the last. */
export async function streamGeneration(exchange: Exchange, generation: Generation, from: number): Promise<void> {
  const { response, signal } = exchange;
  const out = openEventStream(response, { ...exchange, headers: { "switchyard-generation": generation.id } });
  await out.send({ event: "generation", data: { id: generation.id } });
  for await (const event of generation.read(from, signal)) {
    const data = nativeEvent(event.event);
    if (data !== undefined) await out.send({ event: data.type, id: String(event.seq), data });
  }
  if (generation.result !== undefined) await out.send({ event: "result", data: generation.result });
  out.end();
}

function afterLastEvent(id: string | undefined): number {
  return id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) + 1 : 0;
}
