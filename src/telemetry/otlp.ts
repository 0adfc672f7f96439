import { telemetryLimits } from "../core/limits.ts";

/**
 * OTLP in JSON: ids in hexadecimal, 64-bit integers as text, names in lowerCamelCase.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export type AttributeValue = string | number | boolean | readonly string[] | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A span that has ended. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** What went wrong, if something did. */
  readonly error?: string | undefined;
}

export interface Resource {
  readonly serviceName: string;
  /** Tells processes on one machine apart. */
  readonly instanceId: string;
}

const scope = { name: "switchyard" };
const spanKindClient = 3;
const statusError = 2;

export function tracesRequest(resource: Resource, spans: readonly Span[]): object {
  const written = spans.map(({ traceId, spanId, parentSpanId, name, startMs, endMs, attributes, error }) => ({
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind: spanKindClient,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(Math.max(startMs, endMs)),
    attributes: keyValues(attributes),
    status:
      error === undefined ? {} : { code: statusError, message: cut(error, telemetryLimits.attributeCharactersMax) },
  }));
  return { resourceSpans: [{ resource: resourceOf(resource), scopeSpans: [{ scope, spans: written }] }] };
}

export function metricsRequest(resource: Resource, metrics: readonly object[]): object {
  return { resourceMetrics: [{ resource: resourceOf(resource), scopeMetrics: [{ scope, metrics }] }] };
}

/** Milliseconds as text of nanoseconds: a number would lose their last digits. */
export function nanos(ms: number): string {
  return (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();
}

export function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: any(value) }],
  );
}

function any(value: Exclude<AttributeValue, undefined>): object {
  if (typeof value === "string") return { stringValue: cut(value, telemetryLimits.contentCharactersMax) };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
}

function resourceOf({ serviceName, instanceId }: Resource): object {
  const attributes = { "service.name": serviceName, "service.instance.id": instanceId };
  return { attributes: keyValues({ ...attributes, "telemetry.sdk.language": "nodejs" }) };
}

function cut(text: string, characters: number): string {
  return text.length > characters ? text.slice(0, characters) : text;
}
