import type { TextAdapter } from "../../adapter.ts";
import { wireNames } from "../../wire-names.ts";
import { type ChatDialect, openaiNames } from "./dialect.ts";
import { chatNames, chatRequest, checkChat } from "./request.ts";
import { ChatDecoder } from "./stream.ts";

/** Text generation over the dialect. */
export function chatText(dialect: ChatDialect): Required<TextAdapter> {
  return {
    check: (request, model) => checkChat(dialect, request, model),
    request: (request, model, credentials) => chatRequest(dialect, request, model, credentials),
    decoder: (_model, request) =>
      new ChatDecoder(dialect, request ? chatNames(dialect, request).tools : wireNames([], openaiNames)),
    fetchesUrl: () => dialect.fetchesUrls,
  };
}
