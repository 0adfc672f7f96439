import { sandboxLimits } from "../core/limits.ts";
import type { RunLimits } from "./protocol.ts";

/** Bounds of one call, each at most its ceiling. */
export interface ExecLimits {
  readonly cpu_ms?: number | undefined;
  readonly stack_bytes?: number | undefined;
  readonly result_bytes?: number | undefined;
  readonly log_bytes?: number | undefined;
  readonly calls?: number | undefined;
  readonly calls_in_flight?: number | undefined;
}

/** The most that one call may ask for: settings can lower it below what is built in. */
export interface Ceilings {
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly limits: RunLimits;
}

const ceilingsMax: Ceilings = {
  timeoutMs: sandboxLimits.timeoutMsMax,
  memoryMb: sandboxLimits.memoryMbMax,
  limits: {
    cpuMs: sandboxLimits.timeoutMsMax,
    stackBytes: sandboxLimits.stackBytesMax,
    resultBytes: sandboxLimits.resultBytesMax,
    logBytes: sandboxLimits.logBytesMax,
    logEntries: sandboxLimits.logEntriesMax,
    callBytes: sandboxLimits.hostCallBytesMax,
    calls: sandboxLimits.hostCallsMax,
    callsInFlight: sandboxLimits.hostCallsInFlightMax,
    timers: sandboxLimits.timersMax,
  },
};

/** What settings say of it. */
export interface LowerCeilings {
  readonly timeoutMs?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly limits?: ExecLimits | undefined;
}

/** The built-in ceilings, lowered where settings say so. */
export function lowered({ timeoutMs, memoryMb, limits = {} }: LowerCeilings = {}): Ceilings {
  const most = ceilingsMax.limits;
  return {
    timeoutMs: timeoutMs ?? ceilingsMax.timeoutMs,
    memoryMb: memoryMb ?? ceilingsMax.memoryMb,
    limits: {
      ...most,
      cpuMs: limits.cpu_ms ?? most.cpuMs,
      stackBytes: limits.stack_bytes ?? most.stackBytes,
      resultBytes: limits.result_bytes ?? most.resultBytes,
      logBytes: limits.log_bytes ?? most.logBytes,
      calls: limits.calls ?? most.calls,
      callsInFlight: limits.calls_in_flight ?? most.callsInFlight,
    },
  };
}
