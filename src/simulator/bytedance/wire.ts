import { chatCompletions } from "../chat/respond.ts";
import { dialectWire } from "../chat/wire.ts";
import type { ProviderWire, WireContext } from "../provider.ts";
import { arkChat } from "./chat-dialect.ts";
import { multimodalEmbeddings } from "./embedding.ts";
import { arkErrors } from "./errors.ts";
import { images } from "./images.ts";
import { videoRoutes } from "./videos.ts";

/** ModelArk at `https://ark.ap-southeast.bytepluses.com/api/v3`, below `/bytedance/api/v3`. */
export function bytedanceWire(context: WireContext): ProviderWire {
  return dialectWire(
    {
      name: "bytedance",
      clientPath: "/bytedance/api/v3",
      routePath: "/bytedance/api/v3",
      routes: [
        { method: "POST", path: "/chat/completions", handle: chatCompletions(arkChat, context) },
        { method: "POST", path: "/images/generations", handle: images(context) },
        ...videoRoutes(context),
        { method: "POST", path: "/embeddings/multimodal", handle: multimodalEmbeddings(context) },
      ],
      headers: ({ requestId }) => ({ "x-request-id": requestId }),
    },
    arkErrors,
  );
}
