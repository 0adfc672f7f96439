import type { ProviderName } from "../../../src/simulator/provider.ts";

export interface TextRequest {
  readonly path: string;
  readonly body: unknown;
}

/** A small request for text, as each provider takes it. */
export function textRequest(provider: ProviderName, prompt: string, stream: boolean): TextRequest {
  switch (provider) {
    case "anthropic":
      return {
        path: "/v1/messages",
        body: { model: "claude-sonnet-5", max_tokens: 4_000, stream, messages: [{ role: "user", content: prompt }] },
      };
    case "google":
      return {
        path: `/models/gemini-3.5-flash-lite:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        body: { contents: [{ role: "user", parts: [{ text: prompt }] }] },
      };
    default:
      return {
        path: "/chat/completions",
        body: {
          model: "gpt-4.1-mini",
          messages: [{ role: "user", content: prompt }],
          ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
        },
      };
  }
}
