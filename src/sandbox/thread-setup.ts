import type { Prelude } from "./guest/prelude.ts";

/** What a thread is started with. */
export interface ThreadSetup {
  readonly module: WebAssembly.Module;
  readonly shared: SharedArrayBuffer;
  readonly prelude: Prelude;
  /** How many isolates to keep ready. */
  readonly warm: number;
}
