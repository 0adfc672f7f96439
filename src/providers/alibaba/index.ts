import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { embedding } from "./embedding.ts";
import { image } from "./image.ts";
import { dialect } from "./request.ts";
import { rerank } from "./rerank.ts";
import { speech } from "./speech.ts";
import { transcription } from "./transcription.ts";
import { video } from "./video.ts";

export const alibaba: Adapter = {
  provider: "alibaba",
  // The host alone: media has other paths than chat. Keys are bound to the host's region.
  defaultBaseUrl: "https://dashscope-intl.aliyuncs.com",
  keyVariables: ["DASHSCOPE_API_KEY", "ALIBABA_API_KEY"],
  text: chatText(dialect),
  embedding,
  rerank,
  image,
  video,
  speech,
  transcription,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
};
