import type { Modality, ModelCard, ModelFeatures, Price } from "../core/model-card.ts";
import type { Task } from "../core/task.ts";

/** One row of `models.data.json`, as the catalog keeps it. Prices are US dollars as the vendor lists them. */
export interface CatalogRow {
  /** `provider/native-id`. */
  readonly id: string;
  readonly task: Task;
  readonly input: readonly Modality[];
  readonly context: number | null;
  readonly max_output: number | null;
  readonly price: Price | null;
  readonly features: ModelFeatures;
  readonly status: "ga" | "preview" | "deprecated";
  /** Where the price comes from, with its date. */
  readonly source: string;
  readonly successor?: string;
  readonly shutdown_date?: string;
  readonly note?: string;
}

/** A row as the rest see it on a day (ISO 8601): what was to end by then has ended. */
export function toModelCard(row: CatalogRow, today: string): ModelCard {
  const slash = row.id.indexOf("/");
  return {
    id: row.id,
    provider: row.id.slice(0, slash),
    nativeId: row.id.slice(slash + 1),
    task: row.task,
    input: row.input,
    context: row.context,
    maxOutput: row.max_output,
    price: row.price,
    priceSource: row.source,
    features: row.features,
    status: row.shutdown_date !== undefined && row.shutdown_date <= today ? "ended" : row.status,
    ...(row.successor === undefined ? {} : { successor: row.successor }),
    ...(row.shutdown_date === undefined ? {} : { shutdownDate: row.shutdown_date }),
    ...(row.note === undefined ? {} : { note: row.note }),
  };
}
