import { anthropicErrorEvent, anthropicFailure } from "../anthropic/errors.ts";
import { messagesHandlers } from "../anthropic/messages.ts";
import { chatCompletions } from "../chat/respond.ts";
import { dialectWire } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { bearerKey, headerOf } from "../wire/credentials.ts";
import { minimaxChat, minimaxMessages } from "./dialects.ts";
import { minimaxChatErrors } from "./errors.ts";

const isMessages = (path: string) => path.startsWith("/anthropic/");

/** The host `https://api.minimax.io`, below `/minimax`: OpenAI's dialect at `/v1`, Anthropic's at `/anthropic`. */
export function minimaxWire(context: WireContext): ProviderWire {
  const { create, countTokens } = messagesHandlers(minimaxMessages, context);
  const chat = dialectWire(
    {
      name: "minimax",
      clientPath: "/minimax",
      routePath: "/minimax",
      routes: [
        { method: "POST", path: "/v1/chat/completions", handle: chatCompletions(minimaxChat, context) },
        { method: "POST", path: "/anthropic/v1/messages", handle: create },
        { method: "POST", path: "/anthropic/v1/messages/count_tokens", handle: countTokens },
      ],
      keyOf: (request) => (isMessages(request.path) ? headerOf(request, "x-api-key") : null) ?? bearerKey(request),
      headers: ({ requestId }) => ({ "trace-id": requestId }),
    },
    minimaxChatErrors,
  );
  return {
    ...chat,
    failure: (kind, hint) => (isMessages(hint.path) ? anthropicFailure(kind, hint) : chat.failure(kind, hint)),
    errorEvent: (kind, request) =>
      isMessages(request.path) ? anthropicErrorEvent(kind, request.requestId) : chat.errorEvent(kind, request),
  };
}
