import { data } from "../support/stream.ts";
import { halves } from "./chat-speaker.ts";
import { eventStream, json, list, object, type Said, type Speaker, type SpokenError, spokenUsage } from "./speaker.ts";

const type = (name: string) => ({ "@type": `type.googleapis.com/google.rpc.${name}` });
const errors: Readonly<Record<SpokenError, { status: number; word: string; details?: object[] }>> = {
  rate_limited: {
    status: 429,
    word: "RESOURCE_EXHAUSTED",
    details: [
      { ...type("QuotaFailure"), violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel" }] },
      { ...type("RetryInfo"), retryDelay: "2s" },
    ],
  },
  quota_exhausted: {
    status: 429,
    word: "RESOURCE_EXHAUSTED",
    details: [{ ...type("QuotaFailure"), violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel" }] }],
  },
  unauthenticated: {
    status: 400,
    word: "INVALID_ARGUMENT",
    details: [{ ...type("ErrorInfo"), reason: "API_KEY_INVALID" }],
  },
  bad_request: { status: 400, word: "INVALID_ARGUMENT" },
  not_found: { status: 404, word: "NOT_FOUND" },
  overloaded: { status: 503, word: "UNAVAILABLE" },
  server_error: { status: 500, word: "INTERNAL" },
};

const errorBody = (kind: SpokenError) => {
  const { status, word, details } = errors[kind];
  return { error: { code: status, message: `simulated ${word}`, status: word, ...(details && { details }) } };
};

/** Gemini's streamGenerateContent. */
export const geminiSpeaker: Speaker = {
  path: "/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
  answer: (said) => ({ status: 200, headers: eventStream, body: data(...chunks(said)).replaceAll("\n", "\r\n") }),
  cut: (said) => data(...chunks(said).slice(0, 2)),
  error: (kind) => ({ status: errors[kind].status, headers: json, body: JSON.stringify(errorBody(kind)) }),
  failing: () => ({
    status: 200,
    headers: eventStream,
    body: data(...chunks({ text: "Hello" }).slice(0, 1), errorBody("server_error")),
  }),
  systemIn: ({ systemInstruction }) => list(object(systemInstruction).parts)[0]?.text,
  toolNamesIn: ({ tools }) => list(list(tools)[0]?.functionDeclarations).map((tool) => tool.name),
  imagesIn: ({ contents }) =>
    list(list(contents)[0]?.parts).flatMap((part) => {
      const inline = object(part.inlineData);
      if (inline.data) return [`data:${inline.mimeType};base64,${inline.data}`];
      return part.fileData ? [object(part.fileData).fileUri] : [];
    }),
  schemaIn: ({ generationConfig }) => object(generationConfig).responseJsonSchema,
  toolResultIn: ({ contents }) => {
    const result = object(list(list(contents).at(-1)?.parts)[0]?.functionResponse);
    return result.name ? [result.id, object(result.response).output] : undefined;
  },
  reasoningIn: ({ contents }) => {
    const turn = list(contents).find((content) => content.role === "model");
    return list(turn?.parts).find((part) => part.thought === true);
  },
  maxTokensIn: ({ generationConfig }) => object(generationConfig).maxOutputTokens,
};

function chunks(said: Said): unknown[] {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = spokenUsage;
  const finishReason = { length: "MAX_TOKENS", content_filter: "SAFETY", stop: "STOP" }[said.finish ?? "stop"];
  const chunk = (parts: readonly object[], rest: object = {}) => ({
    candidates: [{ index: 0, content: { role: "model", parts }, ...rest }],
    modelVersion: "gemini-3.8-flash",
    responseId: "resp1",
    usageMetadata: { promptTokenCount: inputTokens },
  });
  return [
    ...(said.thought ? [chunk([{ text: said.thought, thought: true, thoughtSignature: "EpEg+/==" }])] : []),
    ...halves(said.text).map((text) => chunk([{ text }])),
    ...(said.calls?.length
      ? [chunk(said.calls.map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } })))]
      : []),
    {
      ...chunk([], { finishReason }),
      usageMetadata: {
        promptTokenCount: inputTokens,
        cachedContentTokenCount: cachedInputTokens,
        candidatesTokenCount: outputTokens - reasoningTokens,
        thoughtsTokenCount: reasoningTokens,
        totalTokenCount: inputTokens + outputTokens,
      },
    },
  ];
}
