import { describe, expect, test } from "vitest";
import { joinClassifications, joinModerations } from "../../../src/providers/join.ts";
import { workersAi } from "../../../src/providers/workers-ai/index.ts";
import { ask, card, credentials } from "../support/model.ts";
import { bodyOf } from "../support/stream.ts";

const envelope = (result: unknown) => ({
  status: 200,
  headers: {},
  body: Buffer.from(JSON.stringify({ result, success: true, errors: [], messages: [] })),
});
const { rerank, moderation, classification } = workersAi;
if (!rerank || !moderation || !classification) throw new Error("a task is missing");

describe("Workers AI's native tasks", () => {
  const reranker = card("workers-ai/@cf/baai/bge-reranker-base", { task: "rerank" });

  test("rerank sends query and contexts, and puts the best first", () => {
    const request = { prompt: "kite", params: { documents: ["fish", "kites fly"], top_n: 2 } };
    const sent = rerank.request(request, reranker, credentials);
    expect(sent.url).toBe(`${credentials.baseUrl}/run/@cf/baai/bge-reranker-base`);
    expect(JSON.parse(String(sent.body))).toEqual({
      query: "kite",
      contexts: [{ text: "fish" }, { text: "kites fly" }],
      top_k: 2,
    });
    const response = [{ id: 0, score: 0.1 }, { id: 1, score: 0.9 }, { id: 7, score: 1 }, { id: "x" }];
    expect(rerank.decode(envelope({ response }), request, reranker)).toMatchObject({
      result: {
        ranking: [
          { index: 1, score: 0.9 },
          { index: 0, score: 0.1 },
        ],
      },
    });
    expect(rerank.decode(envelope({}), request, reranker)).toMatchObject({ failure: { kind: "malformed" } });
  });

  const guard = card("workers-ai/@cf/meta/llama-guard-3-8b", { task: "moderation" });

  test.each([
    [
      { safe: true, categories: [] },
      { flagged: false, categories: [] },
    ],
    [
      { safe: false, categories: ["S1", "S10"] },
      { flagged: true, categories: ["S1", "S10"] },
    ],
    ["safe", { flagged: false, categories: [] }],
    ["\nunsafe\nS1,S9", { flagged: true, categories: ["S1", "S9"] }],
    ["perhaps", undefined],
    [null, undefined],
  ])("a guard that answers %j", (response, verdict) => {
    const decoded = moderation.decode(
      envelope({ response, usage: { prompt_tokens: 5 } }),
      { prompt: "", params: { input: ["x"] } },
      guard,
    );
    if (verdict) expect(decoded).toMatchObject({ result: { verdicts: [verdict] }, usage: { inputTokens: 5 } });
    else expect(decoded).toMatchObject({ failure: { kind: "malformed" } });
  });

  test("several texts are several exchanges, their verdicts in order", () => {
    const request = { prompt: "", params: { input: ["a", "b"] } };
    const parts = moderation.split?.(request, guard) ?? [];
    expect(parts.map((part) => part.params.input)).toEqual([["a"], ["b"]]);
    const one = (flagged: boolean) => ({ result: { verdicts: [{ flagged, categories: [] }] }, usage: {} });
    expect(joinModerations([one(false), one(true)]).result.verdicts.map((verdict) => verdict.flagged)).toEqual([
      false,
      true,
    ]);
  });

  const clef = card("workers-ai/@cf/cloudflare/clef-flash", { task: "classification" });

  test("classification is one question with a choice, its labels likeliest first", () => {
    const request = {
      prompt: "What is it about?",
      params: { input: ["goal!"], labels: { sport: null, art: "paintings" } },
    };
    const sent = classification.request(request, clef, credentials);
    expect(JSON.parse(String(sent.body))).toEqual({
      model: "clef-flash",
      state: "goal!",
      questions: {
        label: { type: "choice", instructions: "What is it about?", criteria: { sport: null, art: "paintings" } },
      },
    });
    const answers = {
      label: { type: "choice", choice: "sport", probabilities: { art: 0.1, sport: 0.9 }, confidence: 0.8 },
    };
    const decoded = classification.decode(
      envelope({ answers, usage: { input_tokens: 9, output_tokens: 0 } }),
      request,
      clef,
    );
    expect(decoded).toMatchObject({
      result: {
        labels: [
          [
            { label: "sport", score: 0.9 },
            { label: "art", score: 0.1 },
          ],
        ],
      },
      usage: { inputTokens: 9 },
    });
    if ("failure" in decoded) throw new Error("failed");
    expect(joinClassifications([decoded, decoded]).result.labels).toHaveLength(2);
  });

  test("one label is no choice", () => {
    const request = { prompt: "", params: { input: ["x"], labels: { only: null } } };
    expect(() => classification.request(request, clef, credentials)).toThrow("params.labels");
  });

  test("an id cannot leave its path", () => {
    const odd = card("workers-ai/../../secrets?x=1", { task: "rerank" });
    const { url } = rerank.request({ prompt: "q", params: { documents: ["d"] } }, odd, credentials);
    expect(new URL(url).search).toBe("");
  });
});

describe("Workers AI text", () => {
  test("without a wish the answer is not cut after 256 tokens, nor is all of the context asked for", () => {
    const llama = card("workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast", { context: 24_000, maxOutput: 24_000 });
    expect(bodyOf(workersAi, llama, ask("Hi")).max_tokens).toBe(6_000);
    expect(bodyOf(workersAi, llama, ask("Hi", { params: { max_output_tokens: 9 } })).max_tokens).toBe(9);
  });

  test("thinking is switched in the template, and a named tool is refused since it would be ignored", () => {
    const glm = card("workers-ai/@cf/zai-org/glm-5.3");
    const body = bodyOf(workersAi, glm, ask("Hi", { params: { reasoning_effort: "none" } }));
    expect(body.chat_template_kwargs).toEqual({ enable_thinking: false });
    const named = ask("Hi", { tools: [{ name: "f", parameters: {} }], tool_choice: { name: "f" } });
    expect(() => bodyOf(workersAi, glm, named)).toThrow("tool_choice");
  });
});
