import type { Progress } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import { waitOver } from "../core/deadline.ts";
import { serveLimits } from "../core/limits.ts";

export interface ProgressReporter {
  report(progress: Progress): void;
  /** Sends what was held back, then nothing more. Resolves when it is written. */
  finish(): Promise<void>;
  /** Nothing more is sent: the caller is gone. */
  stop(): void;
}

/**
 * Passes a call's progress on to its host: the newest at most once in `progressIntervalMs` (of a text that is being
 * written, all that came since), always rising as the protocol demands, and a sign of life every `progressHeartbeatMs` from a call that says nothing, because hosts give
 * up on a silent one.
 */
export function reportProgress(send: (progress: Progress) => Promise<void>, clock: Clock): ProgressReporter {
  const startedMs = clock.monotonicMs();
  const done = new AbortController();
  let waiting: Progress | undefined;
  let last: Progress | undefined;
  let lastSentMs = Number.NEGATIVE_INFINITY;
  let isFlushPlanned = false;

  const deliver = (progress: Progress): Promise<void> => {
    if (last !== undefined && progress.progress <= last.progress) return Promise.resolve();
    waiting = undefined;
    last = progress;
    lastSentMs = clock.monotonicMs();
    // A host that cannot be written to is found out by the transport, not here.
    const { progress: value, total, message } = progress;
    return send({ progress: value, ...(total === undefined ? {} : { total }), message: clip(message) }).catch(() => {});
  };

  const flushLater = (waitMs: number) => {
    if (isFlushPlanned) return;
    isFlushPlanned = true;
    later(waitMs, () => {
      isFlushPlanned = false;
      if (waiting !== undefined) void deliver(waiting);
    });
  };

  const beat = () => {
    later(serveLimits.progressHeartbeatMs, () => {
      const nowMs = clock.monotonicMs();
      if (nowMs - lastSentMs >= serveLimits.progressHeartbeatMs) void deliver(signOfLife(nowMs));
      beat();
    });
  };

  const signOfLife = (nowMs: number): Progress => {
    const seconds = Math.round((nowMs - startedMs) / 1000);
    if (last === undefined || isSignOfLife(last))
      return { progress: seconds, message: `${stillRunning}, ${seconds} s` };
    return { ...last, progress: last.progress + 1e-6, message: `${last.message} (${seconds} s)` };
  };

  const later = (ms: number, run: () => void) => {
    clock.sleep(ms, done.signal).then(run, () => {});
  };

  beat();
  return {
    report(progress) {
      if (done.signal.aborted) return;
      const waitMs = lastSentMs + serveLimits.progressIntervalMs - clock.monotonicMs();
      waiting = waiting === undefined ? progress : newest(waiting, progress);
      if (waitMs <= 0) void deliver(waiting);
      else flushLater(waitMs);
    },
    async finish() {
      done.abort(waitOver);
      if (waiting !== undefined) await deliver(waiting);
    },
    stop() {
      waiting = undefined;
      done.abort(waitOver);
    },
  };
}

/** What is told of two reports of which the first was held back. */
function newest(held: Progress, next: Progress): Progress {
  return held.isDelta === true && next.isDelta === true ? { ...next, message: held.message + next.message } : next;
}

const stillRunning = "still running";

function isSignOfLife(progress: Progress): boolean {
  return progress.total === undefined && progress.message.startsWith(stillRunning);
}

/** Of a text that is being written the newest matters, and its end is the newest. */
function clip(message: string): string {
  const max = serveLimits.progressMessageCharactersMax;
  return message.length > max ? `…${message.slice(1 - max)}` : message;
}
