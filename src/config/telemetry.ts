import type { Environment } from "./environment.ts";
import type { Settings } from "./settings.ts";

/** Where telemetry goes, and what of it. */
export interface TelemetryConfig {
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly content: boolean;
}

/**
 * What the settings and OpenTelemetry's own variables say; undefined: nothing is sent. Settings win. The protocol is
 * OTLP over HTTP with JSON.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function telemetryConfig({ telemetry }: Settings, get: Environment["get"]): TelemetryConfig | undefined {
  if (get("OTEL_SDK_DISABLED") === "true") return undefined;
  const base = telemetry.endpoint ?? get("OTEL_EXPORTER_OTLP_ENDPOINT");
  const urlFor = (signal: "traces" | "metrics") => {
    if (get(`OTEL_${signal.toUpperCase()}_EXPORTER`) === "none") return undefined;
    const own = get(`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`);
    const url =
      telemetry.endpoint === undefined && own !== undefined ? own : base && `${base.replace(/\/+$/, "")}/v1/${signal}`;
    return url !== undefined && isHttp(url) ? url : undefined;
  };
  const [tracesUrl, metricsUrl] = [urlFor("traces"), urlFor("metrics")];
  if (tracesUrl === undefined && metricsUrl === undefined) return undefined;
  return {
    tracesUrl,
    metricsUrl,
    headers: { ...headersOf(get("OTEL_EXPORTER_OTLP_HEADERS")), ...telemetry.headers },
    serviceName: telemetry.service_name ?? get("OTEL_SERVICE_NAME") ?? "switchyard",
    content: telemetry.content,
  };
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/** `name=value,…`, values percent-encoded. */
function headersOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? "").split(",").flatMap((pair): [string, string][] => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    return name === "" ? [] : [[name, decoded(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
