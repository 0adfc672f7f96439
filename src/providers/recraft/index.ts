import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { errorKind } from "./error.ts";
import { image } from "./image.ts";

export const recraft: Adapter = {
  provider: "recraft",
  defaultBaseUrl: "https://external.api.recraft.ai/v1",
  keyVariables: ["RECRAFT_API_TOKEN", "RECRAFT_API_KEY"],
  image,
  decodeError: (status, headers, body) => chatFailure(status, headers, body, { errorKind }),
};
