import type { Json } from "../core/json.ts";

export interface HostCallOptions {
  /** Aborts when the run ends, or when the program wants no more of the call. */
  readonly signal: AbortSignal;
  /** Given when the program asked for the answer in pieces (`AI.run(model, input, { stream: true })`). */
  readonly onChunk?: ((chunk: Json) => void) | undefined;
}

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
  /** What the calls made so far have cost, as a decimal string of US dollars. */
  cost?(): string;
}
