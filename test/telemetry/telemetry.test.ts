import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { settingsSchema } from "../../src/config/settings.ts";
import { telemetryConfig } from "../../src/config/telemetry.ts";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { telemetryLimits } from "../../src/core/limits.ts";
import { parseTraceparent } from "../../src/core/traceparent.ts";
import { inferArgs } from "../../src/infer/request.ts";
import type { InferResult } from "../../src/infer/result.ts";
import { openTelemetry } from "../../src/telemetry/telemetry.ts";
import { models, openPipeline } from "../infer/support/pipeline.ts";
import { startCollector } from "./collector.ts";

const parent = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${parent.traceId}-${parent.spanId}-01`;

describe("telemetry of a call", () => {
  it("is a span with the conventions' attributes, one for each attempt below it, and metrics", async () => {
    const collector = await startCollector();
    const { simulator, gateway } = await openPipeline({ settings: { telemetry: { endpoint: collector.url } } });
    simulator.faults.script([{ provider: "openai", fault: { kind: "quota_exhausted" } }]);
    const args = {
      model: models.openai,
      fallbacks: [models.anthropic],
      prompt: "say 20 words",
      params: { temperature: 0.5 },
    };
    const result = await gateway.infer.run(inferArgs.parse(args), localCaller, { traceparent });
    await gateway.close();

    expect(collector.problems).toEqual([]);
    const [failed, answered, call, ...others] = collector.spans;
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      ...parent,
      spanId: expect.not.stringMatching(parent.spanId),
      parentSpanId: parent.spanId,
      name: "chat gpt-4.1-mini",
      kind: 3,
      status: {},
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "gpt-4.1-mini",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "claude-haiku-4-5",
        "gen_ai.response.id": result.id,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": result.usage?.input_tokens,
        "gen_ai.usage.output_tokens": result.usage?.output_tokens,
        "switchyard.attempts": 2,
        "switchyard.workspace": "default",
      },
    });
    for (const attempt of [failed, answered]) {
      expect(attempt).toMatchObject({ traceId: parent.traceId, parentSpanId: call?.spanId });
    }
    expect(failed).toMatchObject({
      name: "attempt gpt-4.1-mini",
      status: { code: 2, message: "quota_exhausted" },
      attributes: { "gen_ai.provider.name": "openai", "error.type": "quota_exhausted" },
    });
    expect(answered).toMatchObject({ attributes: { "gen_ai.request.model": "claude-haiku-4-5" } });
    expect(answered?.attributes["error.type"]).toBeUndefined();

    const series = {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "gpt-4.1-mini",
      "gen_ai.response.model": "claude-haiku-4-5",
    };
    expect(collector.metric("gen_ai.client.token.usage")).toEqual([
      { attributes: { ...series, "gen_ai.token.type": "input" }, sum: result.usage?.input_tokens },
      { attributes: { ...series, "gen_ai.token.type": "output" }, sum: result.usage?.output_tokens },
    ]);
    expect(collector.metric("gen_ai.client.operation.duration")).toMatchObject([{ attributes: series }]);
    expect(collector.metric("gen_ai.client.operation.time_to_first_chunk")).toMatchObject([{ attributes: series }]);
  });

  it("says what a call failed with, and holds nothing of prompt and answer unless settings say so", async () => {
    for (const content of [false, true]) {
      const collector = await startCollector();
      const { gateway, ask, simulator } = await openPipeline({
        settings: { telemetry: { endpoint: collector.url, content } },
      });
      await ask({ prompt: "say 3 words about a heron" });
      simulator.faults.script([{ fault: { kind: "unavailable" }, times: 9 }]);
      await ask({ prompt: "another heron" });
      await gateway.close();
      expect(collector.problems).toEqual([]);
      expect(JSON.stringify(collector.spans).includes("heron")).toBe(content);
      const failed = collector.spans.findLast(({ name }) => name.startsWith("chat"));
      expect(failed).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "provider_unavailable" } });
      expect(
        collector.metric("gen_ai.client.operation.duration").map(({ attributes }) => attributes["error.type"]),
      ).toEqual([undefined, "provider_unavailable"]);
    }
  });

  it("of another task has a span as well", async () => {
    const collector = await startCollector();
    const { gateway, ask } = await openPipeline({ settings: { telemetry: { endpoint: collector.url } } });
    await ask({ model: "openai/text-embedding-3-small", params: { input: "alpha" } });
    await gateway.close();
    expect(collector.spans.map(({ name }) => name)).toEqual([
      "attempt text-embedding-3-small",
      "embeddings text-embedding-3-small",
    ]);
  });

  it("that its caller does not sample sends no span, and is counted", async () => {
    const collector = await startCollector();
    const { gateway } = await openPipeline({ settings: { telemetry: { endpoint: collector.url } } });
    await gateway.infer.run(inferArgs.parse({ model: models.openai, prompt: "x" }), localCaller, {
      traceparent: traceparent.replace(/01$/, "00"),
    });
    await gateway.close();
    expect(collector.spans).toEqual([]);
    expect(collector.metric("gen_ai.client.operation.duration")).toHaveLength(1);
  });
});

describe("traceparent", () => {
  /** What the provider was sent of it, by a server in between. */
  async function sent(settings: Record<string, unknown>, given: string | undefined): Promise<string | undefined> {
    const seen: (string | undefined)[] = [];
    let target = "";
    const between = createServer(async (request, response) => {
      seen.push(request.headers.traceparent as string | undefined);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method ?? "POST",
        headers: { authorization: String(request.headers.authorization), "content-type": "application/json" },
        body: Buffer.concat(chunks),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      between.closeAllConnections();
      between.close();
    });
    const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    const { simulator, gateway } = await openPipeline({ settings, providers: { openai: { base_url: url } } });
    target = simulator.baseUrl("openai");
    const result = await gateway.infer.run(inferArgs.parse({ model: models.openai, prompt: "x" }), localCaller, {
      traceparent: given,
    });
    expect(result.status).toBe("succeeded");
    await gateway.close();
    return seen[0];
  }

  it("of the caller goes to the provider as it is where nothing is collected", async () => {
    expect(await sent({}, traceparent)).toBe(traceparent);
    expect(await sent({}, undefined)).toBeUndefined();
    expect(await sent({}, "00-not-a-trace-01")).toBeUndefined();
  });

  it("sent to the provider names the attempt's span where it is", async () => {
    const collector = await startCollector();
    const told = parseTraceparent(await sent({ telemetry: { endpoint: collector.url } }, traceparent));
    const attempt = collector.spans.find(({ name }) => name.startsWith("attempt"));
    expect(told).toEqual({ traceId: parent.traceId, spanId: attempt?.spanId, isSampled: true });
  });

  it.each([
    "",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    `${traceparent}-more`,
    7,
  ])("that is none is ignored: %s", (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe("a collector that does not take what it is sent", () => {
  const begun = {
    id: "gen_1",
    args: inferArgs.parse({ model: models.openai, prompt: "x" }),
    caller: localCaller,
    task: "text" as const,
  };
  const result: InferResult = {
    id: "gen_1",
    status: "succeeded",
    model: models.openai,
    provider: "openai",
    output: {},
    cost: { total: "0", list: "0" },
    attempts: [],
    cached: false,
    warnings: [],
  };
  const open = (url: string, lines: string[]) =>
    openTelemetry({
      tracesUrl: `${url}/v1/traces`,
      metricsUrl: `${url}/v1/metrics`,
      headers: {},
      serviceName: "test",
      content: false,
      clock: systemClock,
      rng: systemRng,
      log: (line) => lines.push(line),
    });

  it("costs spans past the bound of the queue, which are counted, and no call", async () => {
    const collector = await startCollector();
    collector.isStuck = true;
    const lines: string[] = [];
    const telemetry = open(collector.url, lines);
    for (let at = 0; at < telemetryLimits.spansQueuedMax + telemetryLimits.spansPerBatch + 1; at += 1) {
      telemetry.call(begun).ended(result);
    }
    await expect.poll(() => collector.requests).toBe(1);
    // The first batch is on its way, the queue is full, and one was too many.
    collector.isStuck = false;
    await telemetry.close();
    const all = telemetryLimits.spansQueuedMax + telemetryLimits.spansPerBatch + 1;
    expect(collector.requests).toBe(1);
    expect(lines.at(-1)).toBe(`telemetry: ${all} spans were not delivered`);
  });

  it("is told of once, and never throws", async () => {
    const collector = await startCollector();
    collector.status = 503;
    const lines: string[] = [];
    const telemetry = open(collector.url, lines);
    telemetry.call(begun).ended(result);
    await telemetry.close();
    expect(lines).toEqual([
      "telemetry: the collector answered 503; spans are dropped while it does not take them",
      "telemetry: 1 spans were not delivered",
    ]);
    const away = open("http://127.0.0.1:9", lines);
    away.call(begun).ended(result);
    await away.close();
  });

  it("counts what its queue had no room for", async () => {
    const collector = await startCollector();
    const lines: string[] = [];
    const telemetry = open(collector.url, lines);
    for (let at = 0; at < telemetryLimits.spansQueuedMax + telemetryLimits.spansPerBatch + 1; at += 1) {
      telemetry.call(begun).ended(result);
    }
    await telemetry.close();
    expect(collector.spans).toHaveLength(telemetryLimits.spansQueuedMax + telemetryLimits.spansPerBatch);
    expect(lines).toEqual(["telemetry: 1 spans were not delivered"]);
    expect(collector.metric("switchyard.telemetry.dropped_spans")).toEqual([{ attributes: {}, sum: 1 }]);
  });

  it("keeps its series of one metric bounded", async () => {
    const collector = await startCollector();
    const telemetry = open(collector.url, []);
    for (let at = 0; at <= telemetryLimits.seriesMax; at += 1) {
      telemetry.call({ ...begun, args: { ...begun.args, model: `custom/${at}` } }).ended(result);
    }
    await telemetry.close();
    const series = collector.metric("gen_ai.client.operation.duration");
    expect(series).toHaveLength(telemetryLimits.seriesMax);
    expect(series.at(-1)?.attributes).toEqual({ "otel.metric.overflow": true });
  });
});

describe("where telemetry goes", () => {
  const config = (settings: Record<string, unknown>, env: Record<string, string> = {}) =>
    telemetryConfig(settingsSchema.parse({ telemetry: settings }), (name) => env[name]);

  it("is nowhere unless it is configured", () => {
    expect(config({})).toBeUndefined();
    expect(config({}, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_SDK_DISABLED: "true" })).toBeUndefined();
    expect(config({}, { OTEL_EXPORTER_OTLP_ENDPOINT: "c:4317" })).toBeUndefined();
  });

  it("is what OpenTelemetry's variables say, and settings before them", () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x,team=blue",
      OTEL_SERVICE_NAME: "mine",
    };
    expect(config({}, env)).toMatchObject({
      tracesUrl: "http://c:4318/v1/traces",
      metricsUrl: "http://c:4318/v1/metrics",
      headers: { authorization: "Bearer x", team: "blue" },
      serviceName: "mine",
    });
    expect(
      config({}, { ...env, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/v9", OTEL_METRICS_EXPORTER: "none" }),
    ).toMatchObject({
      tracesUrl: "http://t/v9",
      metricsUrl: undefined,
    });
    expect(config({ endpoint: "https://d", headers: { team: "red" } }, env)).toMatchObject({
      tracesUrl: "https://d/v1/traces",
      headers: { team: "red" },
    });
  });
});
