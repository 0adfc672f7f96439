import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Credentials } from "../../../src/providers/adapter.ts";
import type { TextRequest } from "../../../src/providers/shapes/text.ts";

/** A card for a test: a capable model unless the overrides say otherwise. */
export function card(id: string, overrides: Partial<ModelCard> = {}): ModelCard {
  const slash = id.indexOf("/");
  return {
    id,
    provider: id.slice(0, slash),
    nativeId: id.slice(slash + 1),
    task: "text",
    input: ["text", "image", "file"],
    context: 200_000,
    maxOutput: 64_000,
    price: null,
    priceSource: "test",
    features: { tools: true, json_schema: true, vision: true, reasoning: true, streaming: true },
    status: "ga",
    ...overrides,
  };
}

export const credentials: Credentials = { apiKey: "test-key", baseUrl: "http://127.0.0.1:9" };

export function ask(text: string, rest: Partial<TextRequest> = {}): TextRequest {
  return { messages: [{ role: "user", content: text }], params: {}, ...rest };
}

export const weatherTool = {
  name: "get_weather",
  description: "Current weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
