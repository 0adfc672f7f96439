import { asCount, asList, asObject, asWord, parseObject } from "../../narrow.ts";
import type { ListedModel, ModelListing } from "../../shapes/listed-model.ts";
import { bearer } from "./request.ts";

/** `GET …/models`, with what the common servers add to OpenAI's shape. */
export function openaiModels(path: string): ModelListing {
  return {
    request: (credentials) => ({
      method: "GET",
      url: `${credentials.baseUrl}${path}`,
      headers: { ...bearer(credentials.apiKey), ...credentials.headers },
    }),
    decode: (answer) => {
      const body = parseObject(Buffer.from(answer.body).toString("utf8"));
      if (!Array.isArray(body?.data)) return undefined;
      return asList(body.data).flatMap((item) => listedModel(item) ?? []);
    },
  };
}

function listedModel(item: unknown): ListedModel | undefined {
  const model = asObject(item);
  const id = asWord(model?.id);
  if (!model || id === undefined || model.active === false) return undefined;
  // In turn: vLLM, Groq, OpenRouter and LM Studio, llama.cpp.
  const context =
    asCount(model.max_model_len) ??
    asCount(model.context_window) ??
    asCount(model.context_length) ??
    asCount(model.max_context_length) ??
    asCount(asObject(model.meta)?.n_ctx_train);
  const maxOutput = asCount(model.max_completion_tokens);
  return { id, ...(context && { context }), ...(maxOutput && { maxOutput }) };
}
