import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { bodyError, errorKind } from "./error.ts";
import { image } from "./image.ts";
import { speech } from "./speech.ts";
import { video } from "./video.ts";

export const runway: Adapter = {
  provider: "runway",
  // Despite its name this is where the product is served.
  defaultBaseUrl: "https://api.dev.runwayml.com",
  keyVariables: ["RUNWAYML_API_SECRET", "RUNWAY_API_KEY"],
  image,
  video,
  speech,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, { errorKind, bodyError }),
};
