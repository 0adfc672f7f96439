import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { chatText } from "../dialects/openai-chat/text.ts";
import { embedding } from "./embedding.ts";
import { image } from "./image.ts";
import { dialect } from "./request.ts";
import { video } from "./video.ts";

export const bytedance: Adapter = {
  provider: "bytedance",
  // BytePlus, the international side; Volcengine has its own host, keys and model ids.
  defaultBaseUrl: "https://ark.ap-southeast.bytepluses.com/api/v3",
  keyVariables: ["ARK_API_KEY"],
  text: chatText(dialect),
  embedding,
  image,
  video,
  uncallable: {
    "seed-audio-1.0": "speech is a service of its own, with other hosts and keys than ModelArk's",
  },
  decodeError: (status, headers, body) => chatFailure(status, headers, body, dialect),
};
