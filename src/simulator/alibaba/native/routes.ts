import type { ProviderRequest, Route, WireContext } from "../../provider.ts";
import { modelIn } from "../../wire/credentials.ts";
import type { Reply } from "../../wire/reply.ts";
import { refuse } from "./errors.ts";
import { drawAsTask, drawByOldModel, drawNow, imageModel } from "./images.ts";
import { rank } from "./rerank.ts";
import { speak, speechModel } from "./speech.ts";
import { tasks } from "./tasks.ts";
import { hearingModel, transcribeAsTask, transcribeNatively } from "./transcription.ts";
import { film } from "./videos.ts";

const services = "/api/v1/services";

/** The native API, `/api/v1`. */
export function nativeRoutes(context: WireContext): Route[] {
  const queue = tasks(context);

  /** One path for many models: what is asked for follows from the model. */
  function multimodal(request: ProviderRequest): Reply {
    const model = modelIn(request.json()) ?? "";
    if (imageModel.test(model)) return drawNow(request, context);
    if (speechModel.test(model)) return speak(request, context);
    if (hearingModel.test(model)) return transcribeNatively(request, context);
    return refuse(request.requestId, `Model not exist: ${model}`, "ModelNotFound", 404);
  }

  const post = (path: string, handle: (request: ProviderRequest) => Reply): Route => ({
    method: "POST",
    path: `${services}${path}`,
    handle,
  });
  return [
    post("/aigc/multimodal-generation/generation", multimodal),
    post("/aigc/image-generation/generation", (request) => drawAsTask(request, context, queue)),
    post("/aigc/text2image/image-synthesis", (request) => drawByOldModel(request, context, queue)),
    post("/aigc/video-generation/video-synthesis", (request) => film(request, context, queue)),
    post("/audio/asr/transcription", (request) => transcribeAsTask(request, context, queue)),
    post("/rerank/text-rerank/text-rerank", rank),
    ...queue.routes,
  ];
}
