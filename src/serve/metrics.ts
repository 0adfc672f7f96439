/**
 * What the server has done, in Prometheus' text format. Labels come from closed sets (our tools, our endpoints, our
 * codes), so that no client can make the page grow. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export interface Metrics {
  /** A tool call has ended; `outcome` is `ok` or the error's code. */
  toolCall(tool: string, outcome: string, seconds: number): void;
  /** A request to a model endpoint has ended. */
  apiRequest(endpoint: string, status: number, seconds: number): void;
  /** The page, with gauges as they are now. */
  text(gauges: readonly Gauge[]): string;
}

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels?: Labels; readonly value: number | string }[];
}

type Labels = Readonly<Record<string, string>>;

export function createMetrics(): Metrics {
  const toolCalls = histogram("switchyard_tool_call_seconds", "Tool calls by tool and outcome.");
  const apiRequests = histogram("switchyard_api_request_seconds", "Requests to the model endpoints.");
  return {
    toolCall: (tool, outcome, seconds) => toolCalls.observe({ tool, outcome }, seconds),
    apiRequest: (endpoint, status, seconds) => apiRequests.observe({ endpoint, status: String(status) }, seconds),
    text: (gauges) => [...gauges.map(gaugeText), toolCalls.text(), apiRequests.text()].join(""),
  };
}

/** From a memory lookup to a model that writes for minutes. */
const bucketsS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

interface Series {
  readonly labels: Labels;
  /** Observations up to each bucket's bound, and of any size in the last. */
  readonly counts: number[];
  sum: number;
}

function histogram(name: string, help: string): { observe(labels: Labels, seconds: number): void; text(): string } {
  const byLabels = new Map<string, Series>();
  return {
    observe(labels, seconds) {
      const key = JSON.stringify(labels);
      const series = byLabels.get(key) ?? {
        labels,
        counts: Array.from({ length: bucketsS.length + 1 }, () => 0),
        sum: 0,
      };
      byLabels.set(key, series);
      const first = bucketsS.findIndex((bound) => seconds <= bound);
      for (let at = first === -1 ? bucketsS.length : first; at <= bucketsS.length; at += 1) {
        series.counts[at] = (series.counts[at] ?? 0) + 1;
      }
      series.sum += seconds;
    },
    text() {
      let page = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`;
      for (const { labels, counts, sum } of byLabels.values()) {
        for (const [at, count] of counts.entries()) {
          page += line(
            `${name}_bucket`,
            { ...labels, le: at < bucketsS.length ? String(bucketsS[at]) : "+Inf" },
            count,
          );
        }
        page += line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, counts.at(-1) ?? 0);
      }
      return page;
    },
  };
}

function gaugeText({ name, help, values }: Gauge): string {
  const lines = values.map(({ labels = {}, value }) => line(name, labels, value)).join("");
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines}`;
}

function line(name: string, labels: Labels, value: number | string): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${written.length === 0 ? "" : `{${written.join(",")}}`} ${value}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
