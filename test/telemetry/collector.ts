import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { z } from "zod";

/** The shapes of OTLP in JSON, as strict as the protocol's documents: ids in hexadecimal, 64-bit integers as text. */
const uint64 = z.string().regex(/^\d{1,20}$/);
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }) }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const resource = z.strictObject({ attributes });
const scope = z.strictObject({ name: z.string() });
const span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  name: z.string(),
  kind: z.number().int().min(1).max(5),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  status: z.strictObject({ code: z.literal(2).optional(), message: z.string().optional() }),
});
const tracesBody = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({ resource, scopeSpans: z.array(z.strictObject({ scope, spans: z.array(span) })) }),
  ),
});
const point = { attributes, startTimeUnixNano: uint64, timeUnixNano: uint64 };
const histogram = z
  .strictObject({
    ...point,
    count: uint64,
    sum: z.number(),
    min: z.number(),
    max: z.number(),
    bucketCounts: z.array(uint64),
    explicitBounds: z.array(z.number()),
  })
  .refine(({ bucketCounts, explicitBounds }) => bucketCounts.length === explicitBounds.length + 1)
  .refine(({ bucketCounts, count }) => bucketCounts.reduce((sum, one) => sum + Number(one), 0) === Number(count));
const named = { name: z.string(), unit: z.string(), description: z.string() };
const metric = z.union([
  z.strictObject({
    ...named,
    histogram: z.strictObject({ aggregationTemporality: z.literal(2), dataPoints: z.array(histogram) }),
  }),
  z.strictObject({
    ...named,
    sum: z.strictObject({
      aggregationTemporality: z.literal(2),
      isMonotonic: z.literal(true),
      dataPoints: z.array(z.strictObject({ ...point, asInt: uint64 })),
    }),
  }),
]);
const metricsBody = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({ resource, scopeMetrics: z.array(z.strictObject({ scope, metrics: z.array(metric) })) }),
  ),
});

export interface SeenSpan extends Omit<z.infer<typeof span>, "attributes"> {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly SeenSpan[];
  /** The last of each metric: attributes and sum of every series. */
  metric(name: string): { readonly attributes: Readonly<Record<string, unknown>>; readonly sum: number }[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** What did not have the shape. */
  readonly problems: readonly string[];
  status: number;
  /** While true nothing is answered. */
  isStuck: boolean;
  readonly requests: number;
}

/** An OpenTelemetry collector on the loopback that takes only what has the protocol's shape. */
export async function startCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const metrics = new Map<string, z.infer<typeof metric>>();
  const problems: string[] = [];
  const headers: Record<string, unknown>[] = [];
  const collector = { status: 200, isStuck: false, requests: 0 };
  const server = createServer(async (request, response) => {
    collector.requests += 1;
    headers.push(request.headers);
    let body = "";
    for await (const chunk of request) body += chunk;
    if (collector.isStuck) return;
    try {
      if (request.headers["content-type"] !== "application/json") throw new Error("not JSON");
      const json: unknown = JSON.parse(body);
      if (collector.status !== 200) throw new Error("refused");
      if (request.url === "/v1/traces") {
        for (const { scopeSpans } of tracesBody.parse(json).resourceSpans)
          for (const one of scopeSpans)
            for (const seen of one.spans) spans.push({ ...seen, attributes: plain(seen.attributes) });
      } else if (request.url === "/v1/metrics") {
        for (const { scopeMetrics } of metricsBody.parse(json).resourceMetrics)
          for (const one of scopeMetrics) for (const seen of one.metrics) metrics.set(seen.name, seen);
      } else throw new Error(`nothing is at ${request.url}`);
    } catch (error) {
      if (collector.status === 200) problems.push(String(error));
    }
    response.writeHead(collector.status).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(collector, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    problems,
    headers,
    metric(name: string) {
      const found = metrics.get(name);
      if (!found) return [];
      if ("sum" in found) {
        return found.sum.dataPoints.map((one) => ({ attributes: plain(one.attributes), sum: Number(one.asInt) }));
      }
      return found.histogram.dataPoints.map((one) => ({ attributes: plain(one.attributes), sum: one.sum }));
    },
  });
}

function plain(list: z.infer<typeof attributes>): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ key, value: one }) => {
      if ("arrayValue" in one) return [key, one.arrayValue.values.map(({ stringValue }) => stringValue)];
      if ("intValue" in one) return [key, Number(one.intValue)];
      return [key, Object.values(one)[0]];
    }),
  );
}
