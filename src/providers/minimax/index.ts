import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { image } from "./image.ts";
import { music } from "./music.ts";
import { dialect } from "./request.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";
import { video } from "./video.ts";

export const minimax: Adapter = {
  provider: "minimax",
  // The host alone: the routes have versions of their own.
  defaultBaseUrl: "https://api.minimax.io",
  keyVariables: ["MINIMAX_API_KEY"],
  text: chatText(dialect),
  image,
  video,
  speech,
  transcription,
  music,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
};
