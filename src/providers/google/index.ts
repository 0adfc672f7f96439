import type { Adapter } from "../adapter.ts";
import { wireNames } from "../wire-names.ts";
import { embedding } from "./embedding.ts";
import { decodeError } from "./error.ts";
import { image } from "./image.ts";
import { music } from "./music.ts";
import { check, fetchesUrl, namesOf, request, toolNameRule } from "./request.ts";
import { speech } from "./speech.ts";
import { GeminiDecoder } from "./stream.ts";
import { transcription } from "./transcription.ts";
import { download, video } from "./video.ts";

export const google: Adapter = {
  provider: "google",
  defaultBaseUrl: "https://generativelanguage.googleapis.com/v1beta",
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
  text: {
    check,
    request,
    decoder: (_model, answered) => new GeminiDecoder(answered ? namesOf(answered) : wireNames([], toolNameRule)),
    fetchesUrl,
  },
  embedding,
  image,
  video,
  speech,
  transcription,
  music,
  decodeError,
  download,
};
