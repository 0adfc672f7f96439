import { z } from "zod";
import { parseArguments } from "../../arguments/parse-arguments.ts";
import { inferArgs } from "../../infer/request.ts";
import { callOptions, callOptionsOf, modelId } from "../api/call-options.ts";
import { type Endpoint, headerOf } from "../api/exchange.ts";
import { wholeAnswer } from "../api/generation-answer.ts";
import { unsupportedField } from "../api/unsupported-field.ts";
import { answerJson } from "../http-answer.ts";
import { switchyardFacts } from "./chat-completion.ts";
import { openAiErrors } from "./error.ts";

const imageRequest = z.looseObject({
  model: z.string().min(1),
  prompt: z.string().min(1),
  n: z.number().int().positive().nullish(),
  size: z.string().nullish(),
  quality: z.string().nullish(),
  background: z.enum(["auto", "transparent", "opaque"]).nullish(),
  output_format: z.enum(["png", "jpeg", "webp"]).nullish(),
  response_format: z.enum(["b64_json", "url"]).nullish(),
  stream: z.boolean().nullish(),
  ...callOptions,
});

/** OpenAI's image generation over any image model. https://platform.openai.com/docs/api-reference/images/create */
export const images: Endpoint = {
  method: "POST",
  pattern: /^\/v1\/images\/generations$/,
  errors: openAiErrors,
  async handle(exchange) {
    const asked = parseArguments({ name: "images.generations", input: imageRequest }, exchange.body);
    if (asked.stream) throw unsupportedField("stream", "an image comes whole", "Leave it out");
    const { model, prompt } = asked;
    const args = parseArguments(
      { name: "images.generations", input: inferArgs },
      { model: modelId(model, "openai"), prompt, params: params(asked), ...callOptionsOf(asked, exchange.request) },
    );
    const result = await wholeAnswer(args, exchange);
    const { request, gateway, caller } = exchange;
    const origin = `http://${headerOf(request, "host") ?? "localhost"}`;
    const data: object[] = [];
    for (const { blob } of result.output.images ?? []) {
      // The link asks for the key, as everything here does.
      if (asked.response_format === "url") data.push({ url: `${origin}/v1/blobs/${blob}` });
      else data.push({ b64_json: Buffer.from(await gateway.readBlob(blob, caller)).toString("base64") });
    }
    const created = Math.floor(exchange.clock.now() / 1000);
    const body = { created, data, switchyard: switchyardFacts(result) };
    answerJson(exchange.response, 200, body, { "x-request-id": result.id });
  },
};

function params({ n, size, quality, background, output_format }: z.infer<typeof imageRequest>): object {
  const given = {
    n,
    size: size === "auto" ? undefined : size,
    quality: qualities[quality ?? "auto"] ?? quality,
    background: background === "auto" ? undefined : background,
    format: output_format,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
}

/** OpenAI's words for its older models; an empty one leaves the choice to the model. */
const qualities: Readonly<Record<string, string>> = { auto: "", standard: "medium", hd: "high" };
