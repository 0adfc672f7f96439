import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

/** Preloaded into the server: answers SIGUSR2 with the CPU time used so far, in microseconds, on descriptor 3. */
const probe = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("SIGUSR2", () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, (user + system) + "\\n");
  });
`)}`;

/** A server process whose CPU time can be read while it runs. */
export class MeasuredProcess {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly #probe: Interface;

  constructor(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const [file = "", ...args] = command;
    this.child = spawn(file, args, {
      stdio: ["pipe", "pipe", "inherit", "pipe"],
      env: { ...process.env, ...environment, NODE_OPTIONS: `--import=${probe}` },
    });
    if (this.child.stdout === null) throw new Error("no stdout");
    this.lines = createInterface({ input: this.child.stdout });
    this.#probe = createInterface({ input: this.child.stdio[3] as Readable });
  }

  async cpuUs(): Promise<number> {
    const answer = once(this.#probe, "line");
    this.child.kill("SIGUSR2");
    const [line] = (await answer) as [string];
    return Number(line);
  }

  async end(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.kill();
    await exited;
  }
}
