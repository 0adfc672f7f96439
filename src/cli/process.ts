/** Keeps the process alive through a rejected promise or a thrown callback: one bad call must not end everyone's. */
export function surviveRejections(log: (line: string) => void): void {
  // A log that nobody reads any more is no reason to stop.
  process.stderr.on("error", () => {});
  process.on("unhandledRejection", (reason) => log(`a promise was rejected and nobody took it: ${message(reason)}`));
  process.on("uncaughtException", (error) => {
    // The reader of our output is gone: there is nobody to serve.
    if ((error as NodeJS.ErrnoException).code === "EPIPE") process.exit(0);
    log(`an exception reached the top: ${message(error)}`);
  });
}

/** Resolves on SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const onSignal = () => {
      count += 1;
      if (count > 1) process.exit(130);
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

function message(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
