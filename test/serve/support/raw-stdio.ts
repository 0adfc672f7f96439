import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const serverPath = fileURLToPath(new URL("./serve.ts", import.meta.url));

export interface RpcAnswer {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

/** The test server as a host sees it: lines to it, lines from it. */
export class RawStdio implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #received: RpcAnswer[] = [];
  readonly #waiting: { matches: (answer: RpcAnswer) => boolean; resolve: (answer: RpcAnswer) => void }[] = [];
  stderr = "";

  constructor(...flags: string[]) {
    this.#child = spawn(process.execPath, [serverPath, "stdio", ...flags], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin?.on("error", () => {});
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("no stdout");
    createInterface({ input: stdout }).on("line", (line) => this.#take(JSON.parse(line) as RpcAnswer));
  }

  #take(answer: RpcAnswer): void {
    const index = this.#waiting.findIndex(({ matches }) => matches(answer));
    if (index === -1) this.#received.push(answer);
    else this.#waiting.splice(index, 1)[0]?.resolve(answer);
  }

  write(text: string | Uint8Array): void {
    this.#child.stdin?.write(text);
  }

  /** Writes a call; `id` undefined makes it a notification. */
  send(id: string | number | undefined, method: string, params: object = {}): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), method, params })}\n`);
  }

  call(id: number, name: string, args: object, meta: object = {}): void {
    this.send(id, "tools/call", { name, arguments: args, _meta: meta });
  }

  /** The next message that matches, read before or to come. */
  next(matches: (answer: RpcAnswer) => boolean): Promise<RpcAnswer> {
    const index = this.#received.findIndex(matches);
    const [found] = index === -1 ? [] : this.#received.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  answer(id: string | number | null): Promise<RpcAnswer> {
    return this.next((answer) => answer.id === id && answer.method === undefined);
  }

  /** Received and not asked for. */
  get unexpected(): readonly RpcAnswer[] {
    return this.#received;
  }

  /** Drops what was received and not asked for. */
  forget(): void {
    this.#received.length = 0;
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  async exitCode(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.exitCode().catch(() => null);
  }
}
