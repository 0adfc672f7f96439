import type { ModelCard } from "../../core/model-card.ts";
import type { Adapter, TextAdapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { openaiModels } from "../dialects/openai-chat/models.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { responsesText } from "../dialects/openai-responses/text.ts";
import { image } from "./image.ts";
import { chatDialect, responsesDialect } from "./request.ts";
import { isMultiAgent } from "./rules.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";
import { video } from "./video.ts";

const chat = chatText(chatDialect);
const responses = responsesText(responsesDialect);
const dialectOf = (model: ModelCard): Required<TextAdapter> => (isMultiAgent(model) ? responses : chat);

export const xai: Adapter = {
  provider: "xai",
  defaultBaseUrl: "https://api.x.ai/v1",
  keyVariables: ["XAI_API_KEY"],
  text: {
    check: (request, model) => dialectOf(model).check(request, model),
    request: (request, model, credentials) => dialectOf(model).request(request, model, credentials),
    decoder: (model, request) => dialectOf(model).decoder(model, request),
    fetchesUrl: (part, model) => dialectOf(model).fetchesUrl(part, model),
  },
  image,
  video,
  speech,
  transcription,
  models: openaiModels("/models"),
  decodeError: (status, headers, body) => chatFailure(status, headers, body, chatDialect),
};
