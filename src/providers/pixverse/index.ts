import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { envelopeError, errorKind } from "./error.ts";
import { video } from "./video.ts";

export const pixverse: Adapter = {
  provider: "pixverse",
  // The host alone: the routes have versions of their own.
  defaultBaseUrl: "https://app-api.pixverse.ai",
  keyVariables: ["PIXVERSE_API_KEY"],
  video,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, { errorKind, bodyError: envelopeError }),
};
