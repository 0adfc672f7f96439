import type { Clock, Rng } from "../core/clock.ts";
import { formatTraceparent, parseTraceparent } from "../core/traceparent.ts";
import type { BegunCall, CallTrace, Telemetry } from "../infer/call-trace.ts";
import type { InferResult } from "../infer/result.ts";
import { Exporter } from "./exporter.ts";
import {
  attemptAttributes,
  contentAttributes,
  errorKind,
  firstChunkS,
  modelName,
  operationOf,
  providerName,
  requestAttributes,
  resultAttributes,
} from "./gen-ai.ts";
import { Histogram } from "./histogram.ts";
import { type Attributes, nanos, type Span } from "./otlp.ts";

export interface TelemetryOptions {
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Prompts and outputs go along. */
  readonly content: boolean;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: (line: string) => void;
}

/** Traces and metrics of calls to models, sent to an OpenTelemetry collector. */
export interface OpenTelemetry extends Telemetry {
  /** Sends what there is, for a short while at most. */
  close(): Promise<void>;
}

/** As the conventions advise. */
const secondsBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokenBounds = Array.from({ length: 14 }, (_, power) => 4 ** power);
const monotonicCumulative = { aggregationTemporality: 2, isMonotonic: true };

export function openTelemetry(options: TelemetryOptions): OpenTelemetry {
  const { clock, rng, content, log } = options;
  const startMs = clock.now();
  const hex = (bytes: number) => Buffer.from(rng.bytes(bytes)).toString("hex");
  const histogram = (name: string, unit: string, description: string, bounds: readonly number[]) =>
    new Histogram({ name, unit, description, bounds, startMs });
  const tokens = histogram("gen_ai.client.token.usage", "{token}", "Tokens used by calls.", tokenBounds);
  const duration = histogram("gen_ai.client.operation.duration", "s", "How long calls took.", secondsBounds);
  const first = histogram(
    "gen_ai.client.operation.time_to_first_chunk",
    "s",
    "How long calls took to their first content.",
    secondsBounds,
  );
  const exporter = new Exporter({
    ...options,
    resource: { serviceName: options.serviceName, instanceId: hex(8) },
    metrics: () => [...[tokens, duration, first].flatMap((one) => one.metric(clock.now()) ?? []), ...droppedSpans()],
  });

  function droppedSpans(): object[] {
    if (exporter.dropped === 0) return [];
    const point = {
      attributes: [],
      startTimeUnixNano: nanos(startMs),
      timeUnixNano: nanos(clock.now()),
      asInt: String(exporter.dropped),
    };
    const description = "Spans that were not delivered.";
    return [
      {
        name: "switchyard.telemetry.dropped_spans",
        unit: "{span}",
        description,
        sum: { ...monotonicCumulative, dataPoints: [point] },
      },
    ];
  }

  function count(result: InferResult, { args, task }: BegunCall, seconds: number): void {
    const { model, usage, error, attempts } = result;
    const attributes: Attributes = {
      "gen_ai.operation.name": operationOf(task),
      "gen_ai.provider.name": providerName(model),
      "gen_ai.request.model": modelName(args.model),
      ...(result.status === "succeeded" ? { "gen_ai.response.model": modelName(model) } : {}),
    };
    duration.record(seconds, { ...attributes, ...(error ? { "error.type": error.code } : {}) });
    // An answer from the cache used no tokens.
    if (result.cached) return;
    if (usage && usage.input_tokens > 0) {
      tokens.record(usage.input_tokens, { ...attributes, "gen_ai.token.type": "input" });
    }
    if (usage && usage.output_tokens > 0) {
      tokens.record(usage.output_tokens, { ...attributes, "gen_ai.token.type": "output" });
    }
    const firstS = firstChunkS(attempts);
    if (firstS !== undefined) first.record(firstS, attributes);
  }

  function begin(begun: BegunCall): CallTrace {
    const { args, task, caller } = begun;
    const parent = parseTraceparent(begun.traceparent);
    const { traceId, isSampled } = parent ?? { traceId: hex(16), isSampled: true };
    const spanId = hex(8);
    const clocked = stopwatch(clock);
    const send = (span: Omit<Span, "traceId">) => {
      if (isSampled) exporter.span({ traceId, ...span });
    };
    return {
      attempt({ id: model }) {
        const own = hex(8);
        const attempt = stopwatch(clock);
        return {
          traceparent: formatTraceparent({ traceId, spanId: own, isSampled }),
          ended: safely((record) => {
            const { startMs, endMs } = attempt();
            send({
              spanId: own,
              parentSpanId: spanId,
              name: `attempt ${modelName(model)}`,
              startMs,
              endMs,
              attributes: attemptAttributes(record, task),
              // A provider's words may quote the prompt.
              ...(record.outcome === "failed"
                ? { error: (content ? record.error : undefined) ?? errorKind(record) }
                : {}),
            });
          }),
        };
      },
      ended: safely((result) => {
        const { startMs, endMs } = clocked();
        count(result, begun, (endMs - startMs) / 1_000);
        send({
          spanId,
          parentSpanId: parent?.spanId,
          name: `${operationOf(task)} ${modelName(args.model)}`,
          startMs,
          endMs,
          attributes: {
            ...requestAttributes(args, task),
            ...resultAttributes(result),
            "switchyard.workspace": caller.workspace,
            "switchyard.key_id": caller.key ?? undefined,
            ...(content ? contentAttributes(args, result) : {}),
          },
          ...(result.error ? { error: result.error.code } : {}),
        });
      }),
    };
  }

  /** Whatever goes wrong here is no call's concern. */
  function safely<T>(act: (value: T) => void): (value: T) => void {
    return (value) => {
      try {
        act(value);
      } catch (error) {
        log(`telemetry: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
  }

  return { call: begin, close: () => exporter.close() };
}

/** Begins to measure; answers beginning and end on the wall clock, as far apart as really passed. */
function stopwatch(clock: Clock): () => { startMs: number; endMs: number } {
  const [startMs, from] = [clock.now(), clock.monotonicMs()];
  return () => ({ startMs, endMs: startMs + (clock.monotonicMs() - from) });
}
