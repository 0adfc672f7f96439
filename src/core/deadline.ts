import { cancelled, SwitchyardError } from "./errors.ts";

/** A signal that aborts with one of the caller's signals or after `timeoutMs`, whichever is first. `clear` it when done. */
export function deadline(
  timeoutMs: number,
  ...signals: readonly (AbortSignal | undefined)[]
): { signal: AbortSignal; clear(): void; [Symbol.dispose](): void } {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signals.find((signal) => signal?.aborted)?.reason ?? cancelled());
  const timer = setTimeout(() => {
    controller.abort(
      new SwitchyardError("timeout", `the call took longer than its ${timeoutMs} ms`, {
        next: "Ask for less, or give a larger timeout_ms",
        retryable: true,
        details: { timeout_ms: timeoutMs },
      }),
    );
  }, timeoutMs);
  if (signals.some((signal) => signal?.aborted)) onAbort();
  else for (const signal of signals) signal?.addEventListener("abort", onAbort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    for (const signal of signals) signal?.removeEventListener("abort", onAbort);
  };
  return { signal: controller.signal, clear, [Symbol.dispose]: clear };
}

/** Why a wait is given up that nobody needs any more. One for all: an error's stack costs more than most waits. */
export const waitOver = cancelled("nobody waits for this any more");

/** Throws the signal's reason as one of our errors when it has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** The error that an aborted signal stands for: our own reason if it carries one, else `cancelled`. */
export function abortError(signal: AbortSignal): SwitchyardError {
  return signal.reason instanceof SwitchyardError ? signal.reason : cancelled();
}
