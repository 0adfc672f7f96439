import type { Json } from "../core/json.ts";

/** What guest code may call, on behalf of one caller: made by the gateway, already narrowed to what the call allows. */
export interface SandboxHost {
  /**
   * Runs `name`, such as `"AI.run"` or `"memory.recall"`, with arguments that are JSON values and come from hostile
   * code. A SwitchyardError is shown to the guest as an Error with its `message` and `code`; any other error as
   * `internal`.
   */
  call(name: string, args: readonly Json[], options: { readonly signal: AbortSignal }): Promise<Json>;
  /** Which bindings exist, as they are called: `"AI.run"` becomes `AI.run()` in the guest. */
  readonly names: readonly string[];
  /** What the calls made so far have cost, as a decimal string of US dollars. */
  cost?(): string;
}
