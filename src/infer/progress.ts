import type { CallOptions } from "../core/caller.ts";
import type { Generation } from "./generation.ts";

/** Tells a caller of a generation's text as it comes, and of attempts that failed, until the signal aborts. */
export async function reportProgress(
  generation: Generation,
  onProgress: NonNullable<CallOptions["onProgress"]>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { seq, event } of generation.read(0, signal)) {
    if (event.type === "text") onProgress({ progress: seq + 1, message: event.text, isDelta: true });
    else if (event.type === "job") {
      const share = event.progress === undefined ? "" : `, ${Math.round(event.progress * 100)} %`;
      onProgress({ progress: seq + 1, message: `${event.model} is working${share}` });
    } else if (event.type === "attempt" && event.outcome !== "succeeded") {
      onProgress({ progress: seq + 1, message: `${event.model}: ${event.outcome}` });
    }
  }
}
