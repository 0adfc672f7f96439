import type { Json } from "../core/json.ts";

export interface HostCallOptions {
  /** Aborts when the run ends, or when the program wants no more of the call. */
  readonly signal: AbortSignal;
  /** Given when the program asked for the answer in pieces (`AI.run(model, input, { stream: true })`). */
  readonly onChunk?: ((chunk: Json) => void) | undefined;
}

/** Ends what was set aside for a program's CPU time with the milliseconds that it used. */
export type SettleCpu = (usedMs: number) => Promise<void>;

/** What guest code may call, on behalf of one caller: made by the gateway, already narrowed to what the call allows. */
export interface SandboxHost {
  /**
   * Runs `name`, such as `"AI.run"` or `"memory.recall"`, with arguments that are JSON values and come from hostile
   * code. A SwitchyardError is shown to the guest as an Error with its `message` and `code`; any other error as
   * `internal`.
   */
  call(name: string, args: readonly Json[], options: HostCallOptions): Promise<Json>;
  /** Which bindings exist, as they are called: `"AI.run"` becomes `AI.run()` in the guest. */
  readonly names: readonly string[];
  /**
   * The text files of an artifact at a ref, by path, for programs to import.
   * @throws not_found, forbidden.
   */
  loadModules?(
    repo: string,
    ref: string | undefined,
    options: { readonly signal: AbortSignal | undefined },
  ): Promise<Readonly<Record<string, string>>>;
  /**
   * Sets aside what this much CPU time costs, before a program begins; what it gives ends that with what was used, once.
   * Absent: CPU time costs nothing.
   * @throws insufficient_credits, budget_exceeded: the program does not begin.
   */
  readonly meterCpu?: ((worstMs: number) => Promise<SettleCpu>) | undefined;
  /** What the calls made so far have cost, and its CPU time once it has ended, as a decimal string of US dollars. */
  cost?(): string;
}
