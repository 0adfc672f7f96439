import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { classification } from "./classification.ts";
import { embedding } from "./embedding.ts";
import { image } from "./image.ts";
import { moderation } from "./moderation.ts";
import { dialect } from "./request.ts";
import { rerank } from "./rerank.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";

export const workersAi: Adapter = {
  provider: "workers-ai",
  // What is in braces is filled in from the environment variable of that name.
  defaultBaseUrl: "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai",
  keyVariables: ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY"],
  text: chatText(dialect),
  embedding,
  image,
  speech,
  transcription,
  rerank,
  moderation,
  classification,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
};
