import type { InferArgs } from "../../../src/infer/request.ts";

/** Where a process can be stopped, in the order in which a call comes by. */
export const textStages = ["reserved", "sent", "streaming", "answered", "settled"] as const;
export const jobStages = ["reserved", "sent", "submitted", "polling", "answered", "settled", "fetched"] as const;
export type Stage = (typeof textStages)[number] | (typeof jobStages)[number];

export interface ProcessOptions {
  readonly home: string;
  readonly settings: Record<string, unknown>;
  readonly calls: readonly Partial<InferArgs>[];
  /** How many calls are under way at a time. */
  readonly atOnce: number;
  /** Absent: it goes on to its end. */
  readonly stopAt?: Stage;
}
