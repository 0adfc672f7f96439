import type { ModelCard } from "../../core/model-card.ts";
import type { TextAdapter } from "../adapter.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { responsesText } from "../dialects/openai-responses/text.ts";
import { chatDialect, responsesDialect } from "./request.ts";
import { openaiFamily } from "./rules.ts";

const chat = chatText(chatDialect);
const responses = responsesText(responsesDialect);

/** Reasoning models over Responses, the others over Chat Completions. */
export const text: Required<TextAdapter> = {
  check: (request, model) => dialectOf(model).check(request, model),
  request: (request, model, credentials) => dialectOf(model).request(request, model, credentials),
  decoder: (model, request) => dialectOf(model).decoder(model, request),
  fetchesUrl: (part, model) => dialectOf(model).fetchesUrl(part, model),
};

function dialectOf(model: ModelCard): Required<TextAdapter> {
  return openaiFamily(model).reasons ? responses : chat;
}
