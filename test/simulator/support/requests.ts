import type { ProviderName } from "../../../src/simulator/provider.ts";

export interface TextRequest {
  readonly path: string;
  readonly body: unknown;
}

const chatPaths: Partial<Record<ProviderName, string>> = {
  alibaba: "/compatible-mode/v1/chat/completions",
  minimax: "/v1/chat/completions",
  "workers-ai": "/accounts/simulated/ai/v1/chat/completions",
};

/** A model that answers a request without more being said, and what it takes not to think. */
const chatModels: Partial<Record<ProviderName, object>> = {
  openai: { model: "gpt-4.1-mini" },
  groq: { model: "llama-3.3-70b-versatile" },
  xai: { model: "grok-4.20-0309-non-reasoning" },
  alibaba: { model: "qwen3-max" },
  bytedance: { model: "seed-1-8-251228", thinking: { type: "disabled" } },
  minimax: { model: "MiniMax-M2.7" },
  "workers-ai": { model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast", max_tokens: 4_000 },
};

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
        path: chatPaths[provider] ?? "/chat/completions",
        body: {
          ...chatModels[provider],
          messages: [{ role: "user", content: prompt }],
          ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
        },
      };
  }
}
