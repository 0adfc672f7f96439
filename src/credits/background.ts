import type { Rng } from "../core/clock.ts";

export interface BackgroundTask {
  readonly everyMs: number;
  run(): Promise<unknown>;
}

/**
 * Runs tasks now and then, never one twice at once, never keeping the process alive for it. Each starts at a random moment
 * of its period, so that processes started together do not meet at the lock. Answers how to stop, after what is running.
 */
export function runInBackground(
  tasks: readonly BackgroundTask[],
  rng: Rng,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const start = (task: BackgroundTask, delayMs: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const run = task
        .run()
        .catch(onError)
        .then(() => {
          running.delete(run);
          if (!stopped) start(task, task.everyMs);
        });
      running.add(run);
    }, delayMs);
    timer.unref();
    timers.add(timer);
  };
  for (const task of tasks) start(task, task.everyMs * rng.fraction());
  return async () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all(running);
  };
}
