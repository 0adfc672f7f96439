import { chatCompletions } from "../chat/respond.ts";
import { dialectWire } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { responsesRoutes } from "../responses/routes.ts";
import { jsonReply } from "../wire/reply.ts";
import { stt, tts, ttsVoices } from "./audio.ts";
import { xaiChat, xaiResponses } from "./dialects.ts";
import { xaiErrors } from "./errors.ts";
import { images } from "./images.ts";
import { textModels } from "./models.data.ts";
import { videoRoutes } from "./videos.ts";

/** The API at `https://api.x.ai/v1`, below `/xai/v1`. */
export function xaiWire(context: WireContext): ProviderWire {
  return dialectWire(
    {
      name: "xai",
      clientPath: "/xai/v1",
      routePath: "/xai/v1",
      routes: [
        { method: "POST", path: "/chat/completions", handle: chatCompletions(xaiChat, context) },
        ...responsesRoutes(xaiResponses, context),
        { method: "POST", path: "/images/generations", handle: images("generation", context) },
        { method: "POST", path: "/images/edits", handle: images("edit", context) },
        ...videoRoutes(context),
        { method: "POST", path: "/tts", handle: tts },
        { method: "GET", path: "/tts/voices", handle: ttsVoices },
        { method: "POST", path: "/stt", handle: stt },
        {
          method: "GET",
          path: "/models",
          handle: () =>
            jsonReply(200, {
              object: "list",
              data: textModels.map(([id]) => ({ id, object: "model", created: 1_760_000_000, owned_by: "simulated" })),
            }),
        },
      ],
      headers: ({ requestId }) => ({ "x-trace-id": requestId, "x-request-id": requestId }),
    },
    xaiErrors,
  );
}
