import { telemetryLimits } from "../core/limits.ts";
import { type Attributes, keyValues, nanos } from "./otlp.ts";

export interface HistogramOptions {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  /** Since when it counts; milliseconds since the epoch. */
  readonly startMs: number;
}

interface Series {
  readonly attributes: Attributes;
  readonly counts: number[];
  count: number;
  sum: number;
  min: number;
  max: number;
}

const cumulative = 2;
/** What OpenTelemetry calls the series of everything past the bound. */
const overflow: Attributes = { "otel.metric.overflow": true };

/** A metric of many measurements, counted from the process's start on, in a bounded number of series. */
export class Histogram {
  readonly #options: HistogramOptions;
  readonly #series = new Map<string, Series>();

  constructor(options: HistogramOptions) {
    this.#options = options;
  }

  record(value: number, attributes: Attributes): void {
    const isKnown = this.#series.has(JSON.stringify(attributes));
    const isFull = !isKnown && this.#series.size >= telemetryLimits.seriesMax - 1;
    const series = this.#seriesOf(isFull ? overflow : attributes);
    const at = this.#options.bounds.findIndex((bound) => value <= bound);
    const bucket = at < 0 ? this.#options.bounds.length : at;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.count += 1;
    series.sum += value;
    series.min = Math.min(series.min, value);
    series.max = Math.max(series.max, value);
  }

  /** As OTLP has it; undefined before the first measurement. */
  metric(nowMs: number): object | undefined {
    if (this.#series.size === 0) return undefined;
    const { name, unit, description, bounds, startMs } = this.#options;
    const dataPoints = [...this.#series.values()].map(({ attributes, counts, count, sum, min, max }) => ({
      attributes: keyValues(attributes),
      startTimeUnixNano: nanos(startMs),
      timeUnixNano: nanos(nowMs),
      count: String(count),
      sum,
      min,
      max,
      bucketCounts: counts.map(String),
      explicitBounds: bounds,
    }));
    return { name, unit, description, histogram: { aggregationTemporality: cumulative, dataPoints } };
  }

  #seriesOf(attributes: Attributes): Series {
    const key = JSON.stringify(attributes);
    let series = this.#series.get(key);
    if (!series) {
      const counts = Array.from({ length: this.#options.bounds.length + 1 }, () => 0);
      series = { attributes, counts, count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
      this.#series.set(key, series);
    }
    return series;
  }
}
