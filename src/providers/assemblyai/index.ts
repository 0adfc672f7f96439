import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { errorKind } from "./error.ts";
import { transcription } from "./transcription.ts";

export const assemblyai: Adapter = {
  provider: "assemblyai",
  // The host alone: the routes have versions of their own.
  defaultBaseUrl: "https://api.assemblyai.com",
  keyVariables: ["ASSEMBLYAI_API_KEY"],
  transcription,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, { errorKind }),
};
