import { embeddings } from "../chat/embeddings.ts";
import { chatCompletions } from "../chat/respond.ts";
import { dialectWire, errorReply } from "../chat/wire.ts";
import type { ProviderRequest, ProviderWire, WireContext } from "../provider.ts";
import { modelIn } from "../wire/credentials.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { workersChat } from "./chat-dialect.ts";
import { cloudflareErrors, envelope, noSuchModel } from "./errors.ts";
import { embeddingModels, rerankModels, textModels } from "./models.data.ts";
import { workersModel } from "./models.ts";
import { isSpeechModel, isTranscriptionModel, runSpeech, runTranscription } from "./run-audio.ts";
import { isImageModel, runImage } from "./run-images.ts";
import { runText } from "./run-text.ts";
import { runEmbedding, runRerank } from "./run-vectors.ts";

const runPath = /^\/accounts\/[^/]+\/ai\/run\/(.+)$/;

/**
 * The API at `https://api.cloudflare.com/client/v4`, below `/workers-ai/client/v4`. Any account id is taken. Native
 * calls are at `/accounts/{id}/ai/run/{model}`, OpenAI's dialect at `/accounts/{id}/ai/v1`.
 */
export function workersAiWire(context: WireContext): ProviderWire {
  const chat = chatCompletions(workersChat, context);
  const text = runText();

  function run(request: ProviderRequest, modelId: string): Reply {
    const model = workersModel(modelId);
    if (model) return model.answersAsOpenAi ? runAsOpenAi(request, modelId) : text(request, model);
    const embedding = embeddingModels.find(([id]) => id === modelId);
    if (embedding) return runEmbedding(request, embedding[1], embedding[2]);
    if (isImageModel(modelId)) return runImage(request, modelId);
    if (isSpeechModel(modelId)) return runSpeech(request, modelId);
    if (isTranscriptionModel(modelId)) return runTranscription(request, modelId);
    return rerankModels.includes(modelId) ? runRerank(request) : noSuchModel(modelId);
  }

  /** Newer models put a whole completion into the envelope, and stream OpenAI's chunks. */
  function runAsOpenAi(request: ProviderRequest, model: string): Reply {
    const body = request.json();
    const reply = chat({ ...request, json: () => ({ ...(body as object), model }) });
    if (reply.type === "stream") return reply;
    return { ...reply, body: JSON.stringify(envelope(JSON.parse(String(reply.body)))) };
  }

  return dialectWire(
    {
      name: "workers-ai",
      clientPath: "/workers-ai/client/v4",
      routePath: "/workers-ai/client/v4",
      routes: [
        { method: "POST", path: /^\/accounts\/[^/]+\/ai\/v1\/chat\/completions$/, handle: chat },
        { method: "POST", path: /^\/accounts\/[^/]+\/ai\/v1\/embeddings$/, handle: embeddings(embeddingDialect) },
        { method: "POST", path: runPath, handle: (request, [model = ""]) => run(request, model) },
        { method: "GET", path: /^\/accounts\/[^/]+\/ai\/models\/search$/, handle: searchModels },
      ],
      modelOf: (request) => runPath.exec(request.path)?.[1] ?? modelIn(request.json()),
      headers: ({ requestId }) => ({ "cf-ray": requestId }),
    },
    cloudflareErrors,
  );
}

const embeddingDialect = {
  models: embeddingModels.map(([id, dimensions]) => ({ id, dimensions, canHave: null })),
  itemsMax: 100,
  itemTokensMax: 60_000,
  requestTokensMax: 60_000,
  formats: ["float"] as const,
  tokenIds: false,
  fields: ["encoding_format"] as const,
  error: (error: { message: string }, request: ProviderRequest) =>
    errorReply(cloudflareErrors, { message: error.message, code: "5004" }, request),
  modelNotFound: noSuchModel,
};

function searchModels(request: ProviderRequest): Reply {
  const task = request.query.get("task");
  const all = [
    ...textModels.map(([id]) => entry(id, "Text Generation")),
    ...embeddingModels.map(([id]) => entry(id, "Text Embeddings")),
    ...rerankModels.map((id) => entry(id, "Text Classification")),
  ].filter((one) => task === null || one.task.name === task);
  const perPage = Number(request.query.get("per_page") ?? 50);
  const page = Number(request.query.get("page") ?? 1);
  const result = all.slice((page - 1) * perPage, page * perPage);
  const info = { page, per_page: perPage, count: result.length, total_count: all.length };
  return jsonReply(200, { ...envelope(result), result_info: info });
}

function entry(name: string, task: string) {
  return { id: `simulated-${name}`, name, description: "simulated", task: { id: task, name: task }, properties: [] };
}
