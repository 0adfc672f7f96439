import type { Clock } from "../../core/clock.ts";
import { abortError, throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { sandboxLimits } from "../../core/limits.ts";
import { Redaction } from "../egress/redact.ts";
import type { Connection } from "./connection.ts";
import type { UpstreamConfig } from "./upstream-config.ts";
import type { UpstreamResult, UpstreamTool } from "./upstreams.ts";

interface Options {
  readonly signal: AbortSignal;
}

/**
 * One upstream server: connected when a program first asks for it, and again after it has gone. Connecting and listing
 * are shared by the programs that wait for them; a program that ends takes only itself away.
 */
export class Upstream {
  #config: UpstreamConfig;
  #clock: Clock;
  #log: (line: string) => void;
  #redaction: Redaction;
  #connection: Promise<Connection> | undefined;
  #tools: { readonly list: Promise<readonly UpstreamTool[]>; readonly untilMs: number } | undefined;
  /** Why it could not be reached just now: programs that ask in a loop do not start processes in a loop. */
  #refusal: { readonly error: unknown; readonly untilMs: number } | undefined;
  #isClosed = false;

  constructor(config: UpstreamConfig, clock: Clock, log: (line: string) => void) {
    this.#config = config;
    this.#clock = clock;
    this.#log = log;
    this.#redaction = new Redaction(config.secrets ?? []);
  }

  async list({ signal }: Options): Promise<readonly UpstreamTool[]> {
    const { name } = this.#config;
    const what = `listing the tools of ${name}`;
    return await this.#asked(what, sandboxLimits.upstreamConnectMs, signal, () => this.#sharedList());
  }

  async call(tool: string, args: Json, { signal }: Options): Promise<UpstreamResult> {
    const { name, timeoutMs = sandboxLimits.upstreamCallMsDefault } = this.#config;
    return await this.#asked(`${name}.${tool}`, timeoutMs, signal, () =>
      this.#connected(async (connection) => {
        // Nothing has been asked yet: a program that ended meanwhile has no effect.
        throwIfAborted(signal);
        return this.#redaction.json(await connection.call(tool, args, timeoutMs, signal));
      }),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  /** Runs what is asked of the server for as long as the program wants it, and says what went wrong in words. */
  async #asked<T>(what: string, timeoutMs: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await untilAborted(work(), signal);
    } catch (error) {
      const { upstreamError } = await import("./upstream-error.ts");
      const words = (text: string) => this.#redaction.text(text);
      throw upstreamError(error, { server: this.#config.name, what, timeoutMs, signal, words });
    }
  }

  /** Works with the connection; once more with a new one when the server has forgotten the session. */
  async #connected<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const opening = this.#connect();
    const connection = await opening;
    try {
      return await work(connection);
    } catch (error) {
      const { isLostSession } = await import("./upstream-error.ts");
      if (!isLostSession(error)) throw error;
      if (this.#connection === opening) this.#forget();
      await connection.close();
      return await work(await this.#connect());
    }
  }

  #sharedList(): Promise<readonly UpstreamTool[]> {
    const now = this.#clock.monotonicMs();
    if (this.#tools && now < this.#tools.untilMs) return this.#tools.list;
    const tools = { list: this.#fetchList(), untilMs: now + sandboxLimits.upstreamListMs };
    this.#tools = tools;
    tools.list.catch(() => {
      if (this.#tools === tools) this.#tools = undefined;
    });
    return tools.list;
  }

  async #fetchList(): Promise<readonly UpstreamTool[]> {
    const tools = this.#redaction.json(await this.#connected((connection) => connection.list()));
    const { upstreamToolsMax } = sandboxLimits;
    if (tools.length <= upstreamToolsMax) return tools;
    throw new SwitchyardError("too_large", `the MCP server ${this.#config.name} has ${tools.length} tools`, {
      next: `At most ${upstreamToolsMax} are taken from one server: configure it to offer fewer`,
      details: { limit: upstreamToolsMax },
    });
  }

  #connect(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const { name, missing } = this.#config;
    if (this.#isClosed) return Promise.reject(unavailable(`the MCP server ${name} is not reached any more`));
    if (missing !== undefined) {
      return Promise.reject(
        new SwitchyardError("unavailable", `the MCP server ${name} needs ${missing}, which is not set`, {
          next: `Set ${missing} in the server's environment, or take it out of settings.json`,
        }),
      );
    }
    const now = this.#clock.monotonicMs();
    if (this.#refusal && now < this.#refusal.untilMs) return Promise.reject(this.#refusal.error);
    const opening = this.#open(() => {
      if (this.#connection === opening) this.#forget();
    });
    this.#connection = opening;
    return opening;
  }

  async #open(onClose: () => void): Promise<Connection> {
    // The protocol is loaded by the first program that uses it.
    const { Connection } = await import("./connection.ts");
    const connection = new Connection(this.#config, {
      onClose,
      onToolsChanged: () => {
        this.#tools = undefined;
      },
    });
    try {
      await connection.open();
      this.#refusal = undefined;
      return connection;
    } catch (error) {
      onClose();
      this.#refusal = { error, untilMs: this.#clock.monotonicMs() + sandboxLimits.upstreamRetryMs };
      const stderr = this.#redaction.text(connection.stderr);
      this.#log(`the MCP server ${this.#config.name} cannot be reached${stderr ? `; it said: ${stderr}` : ""}`);
      throw error;
    }
  }

  #forget(): void {
    this.#connection = undefined;
    this.#tools = undefined;
  }
}

/** The promise, or the signal's reason as soon as it aborts. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortError(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    aborted.catch(() => {});
  }
}

function unavailable(message: string): SwitchyardError {
  return new SwitchyardError("unavailable", message, { next: "Call again once the sandbox is open", retryable: true });
}
