import type { Adapter } from "../adapter.ts";
import { openaiModels } from "../dialects/openai-chat/models.ts";
import { embedding } from "./embedding.ts";
import { decodeError } from "./error.ts";
import { text } from "./text.ts";

export const openai: Adapter = {
  provider: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  keyVariables: ["OPENAI_API_KEY"],
  text,
  embedding,
  models: openaiModels("/models"),
  decodeError,
};
