import type { Task } from "./task.ts";

export type Modality = "text" | "image" | "audio" | "video" | "file";

/** Prices in US dollars per unit as the vendor lists them; the catalog turns them into integers to charge by. */
export interface Price {
  readonly input_per_mtok?: number;
  readonly cached_input_per_mtok?: number;
  readonly cache_write_per_mtok?: number;
  readonly output_per_mtok?: number;
  readonly tiers?: readonly PriceTier[];
  readonly [unit: string]: unknown;
}

export interface PriceTier {
  /** The tier's prices hold for the whole request once its input is above this. */
  readonly above_input_tokens: number;
  readonly input_per_mtok?: number;
  readonly cached_input_per_mtok?: number;
  readonly cache_write_per_mtok?: number;
  readonly output_per_mtok?: number;
}

export interface ModelFeatures {
  readonly tools: boolean;
  /** `null`: the source does not say. */
  readonly json_schema: boolean | null;
  readonly vision: boolean;
  readonly reasoning: boolean;
  readonly streaming: boolean;
}

/** Everything known of a model before it is called. */
export interface ModelCard {
  /** `provider/native-model-id`, split on the first slash. */
  readonly id: string;
  readonly provider: string;
  /** What goes on the wire. */
  readonly nativeId: string;
  readonly task: Task;
  readonly input: readonly Modality[];
  readonly context: number | null;
  readonly maxOutput: number | null;
  readonly price: Price | null;
  readonly priceSource: string;
  readonly features: ModelFeatures;
  /** `ended`: its shutdown date has come. */
  readonly status: "ga" | "preview" | "deprecated" | "ended";
  readonly successor?: string;
  readonly shutdownDate?: string;
  readonly note?: string;
}
