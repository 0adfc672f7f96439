import { failure } from "../failure.ts";
import { asCount, asObject } from "../narrow.ts";
import type { RerankRequest, RerankResult } from "../shapes/rerank.ts";
import type { UnaryAdapter } from "../task-adapter.ts";
import { runRequest, runResult } from "./run.ts";

/** `{query, contexts, top_k}` to `{response: [{id, score}]}` (bge-reranker). */
export const rerank: UnaryAdapter<RerankRequest, RerankResult> = {
  kind: "unary",
  check: ({ params }) =>
    params.documents.flatMap((text, at) =>
      text === ""
        ? [{ field: `params.documents[${at}]`, reason: "it is empty", allowed: "some text", droppable: false }]
        : [],
    ),
  request: ({ prompt, params, provider_options }, model, credentials) => {
    const body = {
      query: prompt,
      contexts: params.documents.map((text) => ({ text })),
      ...(params.top_n !== undefined && { top_k: params.top_n }),
    };
    return runRequest(body, model, credentials, provider_options);
  },
  decode: (answer, { params }) => {
    const response = runResult(answer)?.response;
    if (!Array.isArray(response)) return { failure: failure("malformed", "the answer has no ranking") };
    const ranking = response.flatMap((item) => {
      const index = asCount(asObject(item)?.id);
      const score = asObject(item)?.score;
      return index !== undefined && index < params.documents.length && typeof score === "number"
        ? [{ index, score }]
        : [];
    });
    ranking.sort((a, b) => b.score - a.score);
    return { result: { ranking: ranking.slice(0, params.top_n) }, usage: {} };
  },
};
