import type { Json } from "../../../src/core/json.ts";
import type { ExecArgs } from "../../../src/sandbox/exec-args.ts";
import type { RunStatus } from "../../../src/sandbox/protocol.ts";

/** A program that tries to do harm, and what is safe for it to come to. */
export interface HostileProgram {
  /** What it tries. */
  readonly name: string;
  readonly code: string;
  /** Every outcome that does no harm. */
  readonly safe: readonly RunStatus[];
  /** What a program that ends well must have come to: usually, that it reached nothing. */
  readonly result?: Json;
  readonly args?: Partial<ExecArgs>;
  /** Where what one engine does differs for a reason. */
  readonly only?: "quickjs" | "v8";
}

/** A list of programs whose safe outcomes are the same. */
export function programs(
  safe: readonly RunStatus[],
  list: Readonly<Record<string, string>>,
  more: Omit<HostileProgram, "name" | "code" | "safe"> = {},
): HostileProgram[] {
  return Object.entries(list).map(([name, code]) => ({ name, code, safe, ...more }));
}
