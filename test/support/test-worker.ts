import { onTestFinished } from "vitest";
import { startWorker, type Worker } from "./processes.ts";

/** A worker that is dead after the test. */
export function startTestWorker(
  script: URL,
  argument: unknown,
  environment: Record<string, string> = {},
  through: readonly string[] = [],
): Worker {
  const worker = startWorker(script, argument, { environment, through });
  onTestFinished(() => worker.kill());
  return worker;
}
