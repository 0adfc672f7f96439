import type { TextAdapter } from "../../adapter.ts";
import { wireNames } from "../../wire-names.ts";
import type { ChatDialect } from "./dialect.ts";
import { openaiNames } from "./dialect.ts";
import type { ErrorKind } from "./error.ts";
import { chatNames, chatRequest, checkChat } from "./request.ts";
import { ChatDecoder } from "./stream.ts";

/** Text generation over the dialect. */
export function chatText(dialect: ChatDialect, errorKind?: ErrorKind): Required<TextAdapter> {
  return {
    check: (request, model) => checkChat(dialect, request, model),
    request: (request, model, credentials) => chatRequest(dialect, request, model, credentials),
    decoder: (_model, request) =>
      new ChatDecoder(dialect, request ? chatNames(dialect, request).tools : wireNames([], openaiNames), errorKind),
    fetchesUrl: () => dialect.fetchesUrls,
  };
}
