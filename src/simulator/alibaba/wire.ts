import { embeddings } from "../chat/embeddings.ts";
import { chatCompletions } from "../chat/respond.ts";
import { dialectWire, withErrorsAt } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { modelIn } from "../wire/credentials.ts";
import { jsonReply } from "../wire/reply.ts";
import { qwenChat } from "./chat-dialect.ts";
import { qwenEmbeddings } from "./embedding-dialect.ts";
import { compatibleErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";
import { nativeErrors } from "./native/errors.ts";
import { nativeRoutes } from "./native/routes.ts";
import { hearingModel, transcribeInChat } from "./native/transcription.ts";

/** A host of Model Studio, below `/alibaba`: OpenAI's dialect at `/compatible-mode/v1`, the native API at `/api/v1`. */
export function alibabaWire(context: WireContext): ProviderWire {
  const chat = chatCompletions(qwenChat, context);
  const wire = dialectWire(
    {
      name: "alibaba",
      clientPath: "/alibaba",
      routePath: "/alibaba",
      routes: [
        {
          method: "POST",
          path: "/compatible-mode/v1/chat/completions",
          handle: (request) =>
            hearingModel.test(modelIn(request.json()) ?? "") ? transcribeInChat(request, context) : chat(request),
        },
        ...nativeRoutes(context),
        { method: "POST", path: "/compatible-mode/v1/embeddings", handle: embeddings(qwenEmbeddings) },
        {
          method: "GET",
          path: "/compatible-mode/v1/models",
          handle: () =>
            jsonReply(200, {
              object: "list",
              data: textModels.map(([id]) => ({ id, object: "model", created: 1_760_000_000, owned_by: "simulated" })),
            }),
        },
      ],
      headers: ({ requestId }) => ({ "x-request-id": requestId }),
    },
    compatibleErrors,
  );
  return withErrorsAt(wire, (path) => path.startsWith("/api/v1/"), nativeErrors);
}
