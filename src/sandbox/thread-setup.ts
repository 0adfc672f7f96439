/** What a thread is started with. */
export interface ThreadSetup {
  readonly module: WebAssembly.Module;
  readonly shared: SharedArrayBuffer;
  readonly prelude: string;
  /** How many isolates to keep ready. */
  readonly warm: number;
}
