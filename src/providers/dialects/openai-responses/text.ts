import type { TextAdapter } from "../../adapter.ts";
import { wireNames } from "../../wire-names.ts";
import { openaiNames } from "../openai-chat/dialect.ts";
import type { ResponsesDialect } from "./dialect.ts";
import { checkResponses, responsesNames, responsesRequest } from "./request.ts";
import { ResponsesDecoder } from "./stream.ts";

/** Text generation over the Responses dialect. */
export function responsesText(dialect: ResponsesDialect): Required<TextAdapter> {
  return {
    check: (request, model) => checkResponses(dialect, request, model),
    request: (request, model, credentials) => responsesRequest(dialect, request, model, credentials),
    decoder: (_model, request) => {
      const names = request ? responsesNames(dialect, request).tools : wireNames([], openaiNames);
      return new ResponsesDecoder(dialect.provider, names, dialect.errorKind);
    },
    fetchesUrl: () => true,
  };
}
