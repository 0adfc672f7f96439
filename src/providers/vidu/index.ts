import type { Adapter } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import { asObject, asWord, parseObject } from "../narrow.ts";
import { bodyError, errorKind } from "./error.ts";
import { image } from "./image.ts";
import { video } from "./video.ts";

export const vidu: Adapter = {
  provider: "vidu",
  defaultBaseUrl: "https://api.vidu.com/ent/v2",
  keyVariables: ["VIDU_API_KEY"],
  image,
  video,
  decodeError: (status, headers, body) => {
    const trace = asWord(asObject(parseObject(body)?.metadata)?.trace_id);
    const told = chatFailure(status, headers, body, { errorKind, bodyError });
    return trace === undefined || told.requestId !== undefined ? told : { ...told, requestId: trace };
  },
};
