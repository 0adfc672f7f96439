import { chatCompletions } from "../chat/respond.ts";
import { dialectWire, errorReply } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { jsonReply } from "../wire/reply.ts";
import { speech, transcription } from "./audio.ts";
import { groqChat } from "./chat-dialect.ts";
import { groqErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

/** The API at `https://api.groq.com/openai/v1`, below `/groq/openai/v1`. */
export function groqWire(context: WireContext): ProviderWire {
  return dialectWire(
    {
      name: "groq",
      clientPath: "/groq/openai/v1",
      routePath: "/groq/openai/v1",
      routes: [
        { method: "POST", path: "/chat/completions", handle: chatCompletions(groqChat, context) },
        { method: "POST", path: "/audio/speech", handle: speech },
        { method: "POST", path: "/audio/transcriptions", handle: transcription("transcribe") },
        { method: "POST", path: "/audio/translations", handle: transcription("translate") },
        {
          method: "GET",
          path: "/models",
          handle: () => jsonReply(200, { object: "list", data: textModels.map(entry) }),
        },
        {
          method: "GET",
          path: /^\/models\/(.+)$/,
          handle(request, [id = ""]) {
            const model = textModels.find((one) => one.id === id);
            const error = { status: 404, message: `The model \`${id}\` does not exist`, code: "model_not_found" };
            return model ? jsonReply(200, entry(model)) : errorReply(groqErrors, error, request);
          },
        },
      ],
      headers: ({ requestId }) => ({
        "x-request-id": requestId,
        "x-ratelimit-limit-requests": "14400",
        "x-ratelimit-remaining-requests": "14399",
        "x-ratelimit-limit-tokens": "300000",
        "x-ratelimit-remaining-tokens": "299000",
        "x-ratelimit-reset-requests": "6s",
        "x-ratelimit-reset-tokens": "7.66s",
      }),
    },
    groqErrors,
  );
}

function entry({ id, context, outputMax }: (typeof textModels)[number]) {
  return {
    id,
    object: "model",
    created: 1_760_000_000,
    owned_by: "simulated",
    active: true,
    context_window: context,
    max_completion_tokens: outputMax,
  };
}
