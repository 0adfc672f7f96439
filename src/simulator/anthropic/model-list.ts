import type { PathParameters, ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { anthropicError, invalidRequest } from "./errors.ts";
import { models } from "./models.data.ts";

const ids = models.map(([id]) => id);

/** `GET /v1/models?limit=&after_id=`. */
export function listModels(request: ProviderRequest): Reply {
  const limit = Number(request.query.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    return invalidRequest("limit: Input should be between 1 and 1000", request.requestId);
  }
  const after = request.query.get("after_id");
  const start = after === null ? 0 : ids.indexOf(after) + 1;
  const page = ids.slice(start, start + limit);
  return jsonReply(200, {
    data: page.map(entry),
    has_more: start + limit < ids.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  });
}

/** `GET /v1/models/{id}`. */
export function retrieveModel(request: ProviderRequest, [id = ""]: PathParameters): Reply {
  if (ids.includes(id)) return jsonReply(200, entry(id));
  return anthropicError(404, "not_found_error", `model: ${id}`, request.requestId);
}

function entry(id: string) {
  return { id, type: "model", display_name: `${id} (simulated)`, created_at: "2026-01-01T00:00:00Z" };
}
