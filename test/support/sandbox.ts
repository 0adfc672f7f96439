import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import type { Json } from "../../src/core/json.ts";
import type { ExecArgs } from "../../src/sandbox/exec-args.ts";
import type { ExecResult } from "../../src/sandbox/exec-result.ts";
import type { SandboxHost } from "../../src/sandbox/host.ts";
import { openSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/sandbox.ts";

type HostCall = SandboxHost["call"];

/** A sandbox on the real clock and real randomness. */
export function realSandbox(options: Partial<SandboxOptions> = {}): Sandbox {
  return openSandbox({ clock: systemClock, rng: systemRng, ...options });
}

/** A host whose bindings answer by `call`, and by default with what they were asked. */
export function hostOf(
  call: HostCall = async (name, args) => ({ name, args: args as Json }),
  names: readonly string[] = ["AI.run", "memory.recall", "artifact.commit"],
): SandboxHost {
  return { names, call };
}

/** Runs code as the local user. */
export function runCode(
  sandbox: Sandbox,
  code: string,
  args: Partial<ExecArgs> = {},
  host: SandboxHost = hostOf(),
  signal?: AbortSignal,
): Promise<ExecResult> {
  return sandbox.exec({ code, ...args }, host, localCaller, { signal });
}

/** A promise and its resolver, for tests that say when a thing happens. */
export function gate<T = void>(): { readonly opened: Promise<T>; readonly open: (value: T) => void } {
  return (({ promise, resolve }) => ({ opened: promise, open: resolve }))(Promise.withResolvers<T>());
}
