import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A child process that speaks JSON lines on stdout and is dead after the test. */
export interface Worker {
  readonly process: ChildProcess;
  /** Every line so far, also after the process is gone. */
  readonly lines: readonly unknown[];
  /** Resolves when a line satisfies `test`, with that line; rejects when the process ends without one. */
  until(test: (line: unknown) => boolean): Promise<unknown>;
  /** Writes one JSON line to stdin. */
  send(message: unknown): void;
  /** Kills with SIGKILL and waits until the process and its output have ended. */
  kill(): Promise<void>;
  /** Resolves with the exit code when the process and its output have ended. */
  ended: Promise<number | null>;
}

export interface WorkerOptions {
  /** Is given every line as it comes. */
  readonly onLine?: (line: unknown) => void;
  /** Added to this process's own. */
  readonly environment?: Record<string, string>;
  /** A command that is started instead, with what it shall start as its arguments. */
  readonly through?: readonly string[];
}

/** A worker that whoever starts it must kill. */
export function startWorker(script: URL, argument: unknown, options: WorkerOptions = {}): Worker {
  const { onLine = () => undefined, environment = {}, through = [] } = options;
  const [command = "", ...args] = [...through, process.execPath, script.pathname, JSON.stringify(argument)];
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const lines: unknown[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of [...waiting]) check();
  };
  const reader = createInterface({ input: child.stdout });
  let over = false;
  reader.on("line", (line) => {
    const parsed: unknown = JSON.parse(line);
    lines.push(parsed);
    onLine(parsed);
    wake();
  });
  // Writing to a process that has just been killed is no news.
  child.stdin.on("error", () => undefined);
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]).then(([[code]]) => {
    over = true;
    wake();
    return code as number | null;
  });
  const worker: Worker = {
    process: child,
    lines,
    ended,
    until: (test) =>
      new Promise((resolve, reject) => {
        let next = 0;
        const check = () => {
          for (; next < lines.length; next++) {
            if (!test(lines[next])) continue;
            waiting.delete(check);
            return resolve(lines[next]);
          }
          if (over)
            reject(new Error(`the worker ended after ${lines.length} lines without the one that was waited for`));
        };
        waiting.add(check);
        check();
      }),
    send: (message) => child.stdin?.write(`${JSON.stringify(message)}\n`),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
  return worker;
}
