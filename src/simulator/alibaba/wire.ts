import { embeddings } from "../chat/embeddings.ts";
import { chatCompletions } from "../chat/respond.ts";
import { dialectWire } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { jsonReply } from "../wire/reply.ts";
import { qwenChat } from "./chat-dialect.ts";
import { qwenEmbeddings } from "./embedding-dialect.ts";
import { compatibleErrors } from "./errors.ts";
import { textModels } from "./models.data.ts";

/** A host of Model Studio, below `/alibaba`: OpenAI's dialect at `/compatible-mode/v1`. */
export function alibabaWire(context: WireContext): ProviderWire {
  return dialectWire(
    {
      name: "alibaba",
      clientPath: "/alibaba",
      routePath: "/alibaba",
      routes: [
        { method: "POST", path: "/compatible-mode/v1/chat/completions", handle: chatCompletions(qwenChat, context) },
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
}
