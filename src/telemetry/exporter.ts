import { telemetryLimits } from "../core/limits.ts";
import { metricsRequest, type Resource, type Span, tracesRequest } from "./otlp.ts";

export interface ExporterOptions {
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
  /** The metrics as they are now. */
  readonly metrics: () => readonly object[];
  readonly log: (line: string) => void;
}

/** Sends spans and metrics to a collector, in the background: a collector that is slow or away costs spans, never calls. */
export class Exporter {
  readonly #options: ExporterOptions;
  #queue: Span[] = [];
  #sending: Promise<void> | undefined;
  #dropped = 0;
  #isTold = false;
  readonly #stop = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => void this.#sendSpans(), telemetryLimits.spansEveryMs),
      setInterval(() => void this.#sendMetrics(), telemetryLimits.metricsEveryMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** Spans that were not delivered. */
  get dropped(): number {
    return this.#dropped;
  }

  span(span: Span): void {
    if (this.#options.tracesUrl === undefined) return;
    if (this.#queue.length >= telemetryLimits.spansQueuedMax) this.#dropped += 1;
    else this.#queue.push(span);
    if (this.#queue.length >= telemetryLimits.spansPerBatch) void this.#sendSpans();
  }

  /** Sends what there is, within a bound of time, and stops. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const timer = setTimeout(() => this.#stop.abort(), telemetryLimits.closeMs);
    await this.#sending;
    await this.#sendSpans();
    await this.#sendMetrics();
    clearTimeout(timer);
    this.#dropped += this.#queue.length;
    this.#queue = [];
    if (this.#dropped > 0) this.#options.log(`telemetry: ${this.#dropped} spans were not delivered`);
  }

  /** One request at a time: what comes meanwhile waits for the next. */
  #sendSpans(): Promise<void> {
    this.#sending ??= this.#sendQueue().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendQueue(): Promise<void> {
    const { tracesUrl, resource } = this.#options;
    while (tracesUrl !== undefined && this.#queue.length > 0) {
      const batch = this.#queue.slice(0, telemetryLimits.spansPerBatch);
      this.#queue = this.#queue.slice(batch.length);
      if (await this.#post(tracesUrl, tracesRequest(resource, batch))) continue;
      this.#dropped += batch.length;
      return;
    }
  }

  async #sendMetrics(): Promise<void> {
    const { metricsUrl, resource, metrics } = this.#options;
    if (metricsUrl === undefined) return;
    const current = metrics();
    // They count from the start on: what is not delivered now is in the next.
    if (current.length > 0) await this.#post(metricsUrl, metricsRequest(resource, current));
  }

  /** False: it was not taken. Never rejects. */
  async #post(url: string, body: object): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...this.#options.headers, "content-type": "application/json" },
        body: JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.any([AbortSignal.timeout(telemetryLimits.requestMs), this.#stop.signal]),
      });
      await response.body?.cancel();
      if (response.ok) return true;
      this.#tell(`answered ${response.status}`);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
    }
    return false;
  }

  /** Once: a collector that is away would fill the log. */
  #tell(what: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#options.log(`telemetry: the collector ${what}; spans are dropped while it does not take them`);
  }
}
