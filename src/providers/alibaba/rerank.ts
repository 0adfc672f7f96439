import { missing } from "../media-answer.ts";
import { asCount, asList, asObject, defined } from "../narrow.ts";
import type { RerankRequest, RerankResult } from "../shapes/rerank.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeAnswer, nativePost } from "./native.ts";

const documentsMax = 500;
const paid = { input: "prompt and params.documents" };

/** `POST …/rerank/text-rerank/text-rerank` (alibabacloud.com/help/en/model-studio/text-rerank-api). */
export const rerank: UnaryAdapter<RerankRequest, RerankResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const { prompt, params, provider_options } = request;
    const body = {
      model: model.nativeId,
      input: { query: prompt, documents: params.documents },
      parameters: defined({ top_n: params.top_n, return_documents: false }),
    };
    return nativePost({ path: "/rerank/text-rerank/text-rerank", body, options: provider_options, paid }, credentials);
  },
  decode,
};

function check({ prompt, params }: RerankRequest): UnsupportedField[] {
  const { documents } = params;
  const found: UnsupportedField[] = documents.flatMap((text, at) =>
    text === ""
      ? [{ field: `params.documents[${at}]`, reason: "it is empty", allowed: "some text", droppable: false }]
      : [],
  );
  if (prompt.trim() === "") {
    found.push({ field: "prompt", reason: "it is empty", allowed: "what to compare with", droppable: false });
  }
  if (documents.length > documentsMax) {
    const reason = `${documents.length} are too many`;
    found.push({ field: "params.documents", reason, allowed: `at most ${documentsMax}`, droppable: false });
  }
  return found;
}

/** The query counts once for each document, and only the provider knows how it counts. */
function decode(answer: WireAnswer, { params }: RerankRequest): Outcome<RerankResult> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return read;
  const usage = defined({ inputTokens: asCount(read.usage.total_tokens) });
  if (!Array.isArray(read.output.results)) return { ...missing("ranking"), usage };
  const ranking = asList(read.output.results).flatMap((item) => {
    const index = asCount(asObject(item)?.index);
    const score = asObject(item)?.relevance_score;
    const isThere = index !== undefined && index < params.documents.length;
    return isThere && typeof score === "number" ? [{ index, score }] : [];
  });
  ranking.sort((one, other) => other.score - one.score);
  return { result: { ranking: ranking.slice(0, params.top_n) }, usage, requestId: read.requestId };
}
