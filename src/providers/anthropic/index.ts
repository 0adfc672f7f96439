import type { Adapter } from "../adapter.ts";
import { wireNames } from "../wire-names.ts";
import { decodeError } from "./error.ts";
import { check, namesOf, request, toolNameRule } from "./request.ts";
import { ClaudeDecoder } from "./stream.ts";

export const anthropic: Adapter = {
  provider: "anthropic",
  defaultBaseUrl: "https://api.anthropic.com",
  keyVariables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
  text: {
    check,
    request,
    decoder: (_model, answered) => new ClaudeDecoder(answered ? namesOf(answered).tools : wireNames([], toolNameRule)),
    fetchesUrl: () => true,
  },
  decodeError,
};
