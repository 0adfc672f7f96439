import type { Adapter } from "../adapter.ts";
import { wireNames } from "../wire-names.ts";
import { embedding } from "./embedding.ts";
import { decodeError } from "./error.ts";
import { check, fetchesUrl, namesOf, request, toolNameRule } from "./request.ts";
import { GeminiDecoder } from "./stream.ts";

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
  decodeError,
};
