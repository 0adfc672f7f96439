import type { PathParameters, ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { invalidArgument, modelNotFound } from "./errors.ts";
import {
  embeddingModels,
  imageModels,
  speechModels,
  textModels,
  transcriptionModels,
  videoModels,
} from "./models.data.ts";

const entries = [
  ...textModels.map(([id, inputTokenLimit, outputTokenLimit]) =>
    entry(id, inputTokenLimit, outputTokenLimit, ["generateContent", "countTokens"]),
  ),
  ...[...imageModels, ...speechModels].map(([id]) => entry(id, 131_072, 32_768, ["generateContent", "countTokens"])),
  ...[...transcriptionModels, ...videoModels.map(([id]) => id)].map((id) =>
    entry(id, 131_072, 32_768, ["createInteraction"]),
  ),
  ...embeddingModels.map(([id, , tokens]) => entry(id, tokens, 1, ["embedContent", "batchEmbedContents"])),
];

/** `GET /models?pageSize=&pageToken=`. */
export function listModels(request: ProviderRequest): Reply {
  const size = Number(request.query.get("pageSize") ?? 50);
  const start = Number(request.query.get("pageToken") ?? 0);
  if (!Number.isInteger(size) || size < 1 || !Number.isInteger(start) || start < 0) {
    return invalidArgument("pageSize or pageToken is not valid");
  }
  const end = start + Math.min(size, 1_000);
  const more = end < entries.length ? { nextPageToken: String(end) } : {};
  return jsonReply(200, { models: entries.slice(start, end), ...more });
}

/** `GET /models/{id}`. */
export function retrieveModel(_request: ProviderRequest, [id = ""]: PathParameters): Reply {
  const found = entries.find(({ name }) => name === `models/${id}`);
  return found ? jsonReply(200, found) : modelNotFound(id, "GetModel");
}

function entry(id: string, inputTokenLimit: number, outputTokenLimit: number, methods: readonly string[]) {
  return {
    name: `models/${id}`,
    version: "simulated",
    displayName: `${id} (simulated)`,
    inputTokenLimit,
    outputTokenLimit,
    supportedGenerationMethods: methods,
  };
}
