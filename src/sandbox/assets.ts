import { createRequire } from "node:module";

/** The thread's entry file and the engine's WebAssembly: beside this file in the bundle, in the source tree otherwise. */
export function sandboxAssets(): { worker: URL; wasm: URL } {
  const here = import.meta.url;
  if (!here.endsWith(".ts")) {
    return { worker: new URL("./sandbox-worker.js", here), wasm: new URL("./quickjs.wasm", here) };
  }
  const wasm = createRequire(here).resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
  return { worker: new URL("./worker.ts", here), wasm: new URL(`file://${wasm}`) };
}
