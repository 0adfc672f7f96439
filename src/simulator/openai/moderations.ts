import { z } from "zod";
import { shapeError } from "../chat/shape-error.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { modelNotFound, openAiError } from "./errors.ts";

const categories = [
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm",
  "self-harm/instructions",
  "self-harm/intent",
  "sexual",
  "sexual/minors",
  "violence",
  "violence/graphic",
] as const;

const body = z.strictObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(z.string()).min(1).max(2_048)]),
});

const flaggedScore = 0.97;
const calmScore = 0.0001;

/** `POST /moderations`, which costs nothing. What speaks of violence is violent. */
export function moderations(request: ProviderRequest): Reply {
  const parsed = parseBody(body, request.json() ?? {});
  if (!parsed.ok) return openAiError(400, shapeError(parsed.issue));
  const { model = "omni-moderation-latest", input } = parsed.value;
  if (!model.startsWith("omni-moderation-")) return modelNotFound(model);
  const results = [input].flat().map((text) => {
    const found = new Set<string>(/\b(?:violen|kill|attack)/i.test(text) ? ["violence"] : []);
    return {
      flagged: found.size > 0,
      categories: Object.fromEntries(categories.map((name) => [name, found.has(name)])),
      category_scores: Object.fromEntries(categories.map((name) => [name, found.has(name) ? flaggedScore : calmScore])),
      category_applied_input_types: Object.fromEntries(categories.map((name) => [name, ["text"]])),
    };
  });
  return jsonReply(200, { id: "modr-simulated", model, results });
}
