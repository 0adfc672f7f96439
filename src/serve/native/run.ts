import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { inferArgs } from "../../infer/request.ts";
import type { Endpoint } from "../api/exchange.ts";
import { headerOf } from "../api/exchange.ts";
import { answerJson } from "../http-answer.ts";
import { nativeErrors } from "./error.ts";
import { streamGeneration } from "./generation.ts";

const runRequest = z.looseObject({ stream: z.boolean().optional() });

/**
 * `POST /v1/run`: `infer` over HTTP in the tool's own words. Answers its result, `status: "running"` past `wait_ms`;
 * with `stream: true` its events as they come, whose ids `GET /v1/generations/{id}` takes up again.
 */
export const runEndpoint: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/run$/,
  errors: nativeErrors,
  async handle(exchange) {
    const { stream, ...given } = parseArguments({ name: "run", input: runRequest }, exchange.body);
    const key = headerOf(exchange.request, "idempotency-key");
    const withKey =
      key === undefined || Object.hasOwn(given, "idempotency_key") ? given : { ...given, idempotency_key: key };
    const args = parseArguments({ name: "run", input: inferArgs }, withKey);
    const { gateway, caller } = exchange;
    const call = { signal: exchange.signal, traceparent: headerOf(exchange.request, "traceparent") };
    if (stream === true) return streamGeneration(exchange, await gateway.infer.start(args, caller, call), 0);
    answerJson(exchange.response, 200, await gateway.infer.run(args, caller, call));
  },
};
