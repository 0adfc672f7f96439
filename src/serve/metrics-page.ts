import type { ServerResponse } from "node:http";
import type { Caller } from "../core/caller.ts";
import { formatUsd } from "../core/money.ts";
import type { GatewayHandle } from "./gateway-handle.ts";
import type { Gauge, Metrics } from "./metrics.ts";

export interface MetricsPage {
  readonly metrics: Metrics;
  readonly gateway: GatewayHandle;
  readonly caller: Caller;
  readonly version: string;
  readonly requestsInFlight: number;
}

/** `GET /metrics`: what the process is doing, and the money the caller can draw on. */
export async function answerMetrics(response: ServerResponse, page: MetricsPage): Promise<void> {
  const { metrics, gateway, caller, version, requestsInFlight } = page;
  const { granted, available, held, spent, expired } = await (await gateway.open()).credits.balance(caller);
  const credits = Object.entries({ granted, available, held, spent, expired });
  const { user, system } = process.cpuUsage();
  const gauges: Gauge[] = [
    {
      name: "switchyard_info",
      help: "The version that runs.",
      values: [{ labels: { version, node: process.version }, value: 1 }],
    },
    {
      name: "switchyard_http_requests_in_flight",
      help: "HTTP requests that are being answered.",
      values: [{ value: requestsInFlight }],
    },
    {
      name: "switchyard_credits_usd",
      help: "The pool this key draws on, in US dollars.",
      values: credits.map(([state, amount]) => ({ labels: { state }, value: formatUsd(amount) })),
    },
    { name: "process_resident_memory_bytes", help: "Memory.", values: [{ value: process.memoryUsage.rss() }] },
    { name: "process_cpu_seconds", help: "CPU time used.", values: [{ value: (user + system) / 1e6 }] },
  ];
  const text = metrics.text(gauges);
  response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
}
