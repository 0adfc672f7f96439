import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { openaiModels } from "../dialects/openai-chat/models.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { moderation } from "./moderation.ts";
import { dialect } from "./request.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";

export const groq: Adapter = {
  provider: "groq",
  defaultBaseUrl: "https://api.groq.com/openai/v1",
  keyVariables: ["GROQ_API_KEY"],
  text: chatText(dialect),
  moderation,
  speech,
  transcription,
  models: openaiModels("/models"),
  decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
};
