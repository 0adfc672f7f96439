import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferArgs } from "../../infer/request.ts";
import { callOptions, callOptionsOf, modelId } from "../api/call-options.ts";
import type { Endpoint } from "../api/exchange.ts";
import { wholeAnswer } from "../api/generation-answer.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { openAiErrors } from "./error.ts";

const speechRequest = z.looseObject({
  model: z.string().min(1),
  input: z.string().min(1),
  voice: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
  response_format: z.string().nullish(),
  speed: z.number().nullish(),
  instructions: z.string().nullish(),
  stream_format: z.string().nullish(),
  ...callOptions,
});

/** OpenAI's speech over any speech model: the audio itself. https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const speech: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/audio\/speech$/,
  errors: openAiErrors,
  async handle(exchange) {
    const asked = parseArguments({ name: "audio.speech", input: speechRequest }, exchange.body);
    if (asked.stream_format === "sse") throw unsupportedField("stream_format", "audio comes whole", "Leave it out");
    const { model, input, voice, speed, instructions, response_format } = asked;
    const given = {
      voice: typeof voice === "object" ? voice?.id : voice,
      speed,
      instructions,
      format: response_format,
    };
    const params = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
    );
    const args = parseArguments(
      { name: "audio.speech", input: inferArgs },
      { model: modelId(model, "openai"), prompt: input, params, ...callOptionsOf(asked, exchange.request) },
    );
    const result = await wholeAnswer(args, exchange);
    const [audio] = result.output.audio ?? [];
    if (audio === undefined) {
      throw new SwitchyardError("provider_error", `${result.model} gave no audio`, {
        next: "Call again",
        retryable: true,
      });
    }
    const bytes = await exchange.gateway.readBlob(audio.blob, exchange.caller);
    exchange.response.writeHead(200, {
      "Content-Type": audio.media_type,
      "Content-Length": bytes.length,
      "x-request-id": result.id,
      "switchyard-cost": result.cost.total,
    });
    exchange.response.end(bytes);
  },
};
