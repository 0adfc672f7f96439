import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { errorKind } from "./error.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";

export const inworld: Adapter = {
  provider: "inworld",
  // The host alone: the routes have versions of their own.
  defaultBaseUrl: "https://api.inworld.ai",
  keyVariables: ["INWORLD_API_KEY"],
  speech,
  transcription,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, { errorKind }),
};
