import type { FailureHint } from "../faults/fault.ts";

/** The headers that say when to come back, in the spellings that are not a provider's own. */
export function retryHeaders(hint: FailureHint): Record<string, string> {
  switch (hint.form) {
    case "seconds":
      return { "retry-after": String(Math.ceil(hint.afterMs / 1_000)) };
    case "date":
      return {
        date: new Date(hint.nowMs).toUTCString(),
        "retry-after": new Date(hint.nowMs + hint.afterMs).toUTCString(),
      };
    case "milliseconds":
      return { "retry-after-ms": String(hint.afterMs) };
    default:
      return {};
  }
}
