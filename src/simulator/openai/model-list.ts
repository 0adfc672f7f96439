import type { PathParameters, ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { modelNotFound } from "./errors.ts";
import { embeddingModels, mediaModels, textModels } from "./models.data.ts";

const ids = [...textModels.map(([id]) => id), ...embeddingModels.map(([id]) => id), ...mediaModels];

/** `GET /models`. */
export function listModels(): Reply {
  return jsonReply(200, { object: "list", data: ids.map(entry) });
}

/** `GET /models/{id}`. */
export function retrieveModel(_request: ProviderRequest, [id = ""]: PathParameters): Reply {
  return ids.includes(id) ? jsonReply(200, entry(id)) : modelNotFound(id);
}

function entry(id: string) {
  return { id, object: "model", created: 1_760_000_000, owned_by: "simulated", shutdown_date: null };
}
