import { anthropicErrorEvent, anthropicFailure } from "../anthropic/errors.ts";
import { messagesHandlers } from "../anthropic/messages.ts";
import { chatCompletions } from "../chat/respond.ts";
import { dialectWire, withErrorsAt } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { bearerKey, headerOf } from "../wire/credentials.ts";
import { minimaxChat, minimaxMessages } from "./dialects.ts";
import { minimaxChatErrors } from "./errors.ts";
import { nativeErrors } from "./native/envelope.ts";
import { draw } from "./native/images.ts";
import { compose } from "./native/music.ts";
import { speak } from "./native/speech.ts";
import { transcribeFile } from "./native/transcription.ts";
import { videoRoutes } from "./native/videos.ts";
import { videoV2Routes } from "./native/videos-v2.ts";

const isNative = (path: string) => /^\/v[12]\//.test(path) && path !== "/v1/chat/completions";
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
        { method: "POST", path: "/v1/t2a_v2", handle: (request) => speak(request, context) },
        { method: "POST", path: "/v1/speech_to_text", handle: transcribeFile },
        { method: "POST", path: "/v1/image_generation", handle: (request) => draw(request, context) },
        { method: "POST", path: "/v1/music_generation", handle: (request) => compose(request, context) },
        ...videoRoutes(context),
        ...videoV2Routes(context),
        { method: "POST", path: "/anthropic/v1/messages", handle: create },
        { method: "POST", path: "/anthropic/v1/messages/count_tokens", handle: countTokens },
      ],
      keyOf: (request) => (isMessages(request.path) ? headerOf(request, "x-api-key") : null) ?? bearerKey(request),
      headers: ({ requestId }) => ({ "trace-id": requestId }),
    },
    minimaxChatErrors,
  );
  const wire = withErrorsAt(chat, isNative, nativeErrors);
  return {
    ...wire,
    failure: (kind, hint) => (isMessages(hint.path) ? anthropicFailure(kind, hint) : wire.failure(kind, hint)),
    errorEvent: (kind, request) =>
      isMessages(request.path) ? anthropicErrorEvent(kind, request.requestId) : wire.errorEvent(kind, request),
  };
}
