import type { Adapter } from "../adapter.ts";
import { openaiModels } from "../dialects/openai-chat/models.ts";
import { embedding } from "./embedding.ts";
import { decodeError } from "./error.ts";
import { image } from "./image.ts";
import { moderation } from "./moderation.ts";
import { speech } from "./speech.ts";
import { text } from "./text.ts";
import { transcription } from "./transcription.ts";

export const openai: Adapter = {
  provider: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  keyVariables: ["OPENAI_API_KEY"],
  text,
  embedding,
  image,
  speech,
  transcription,
  moderation,
  models: openaiModels("/models"),
  decodeError,
};
