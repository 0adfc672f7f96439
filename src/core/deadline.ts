import { cancelled, SwitchyardError } from "./errors.ts";

/** A signal that aborts with the caller's signal or after `timeoutMs`, whichever is first. `clear` it when done. */
export function deadline(
  timeoutMs: number,
  signal?: AbortSignal,
): { signal: AbortSignal; clear(): void; [Symbol.dispose](): void } {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason ?? cancelled());
  const timer = setTimeout(() => {
    controller.abort(
      new SwitchyardError("timeout", `the call took longer than its ${timeoutMs} ms`, {
        next: "Ask for less, or give a larger timeout_ms",
        retryable: true,
        details: { timeout_ms: timeoutMs },
      }),
    );
  }, timeoutMs);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  return { signal: controller.signal, clear, [Symbol.dispose]: clear };
}

/** Throws the signal's reason as one of our errors when it has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** The error that an aborted signal stands for: our own reason if it carries one, else `cancelled`. */
export function abortError(signal: AbortSignal): SwitchyardError {
  return signal.reason instanceof SwitchyardError ? signal.reason : cancelled();
}
