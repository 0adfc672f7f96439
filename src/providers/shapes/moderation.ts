import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import type { TaskRequest } from "./task-request.ts";

export const moderationParams = z.strictObject({
  input: z
    .union([z.string(), z.array(z.string()).min(1).max(providerLimits.judgedTextsMax)])
    .describe("Text or texts to judge"),
});

export type ModerationParams = z.infer<typeof moderationParams>;
/** `input` is always a list here. */
export type ModerationRequest = TaskRequest<Omit<ModerationParams, "input"> & { readonly input: readonly string[] }>;

/** What is thought of one text. */
export interface ModerationVerdict {
  readonly flagged: boolean;
  /** The model's names for what it found, such as `violence` or `S1`. Empty when nothing was. */
  readonly categories: readonly string[];
  /** 0 to 1 by the model's own names, where it gives them. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
}

export interface ModerationResult {
  /** In the order of the inputs. */
  readonly verdicts: readonly ModerationVerdict[];
}
