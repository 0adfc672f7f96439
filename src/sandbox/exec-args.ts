import { createHash } from "node:crypto";
import { SwitchyardError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { sandboxLimits } from "../core/limits.ts";
import type { Ceilings, ExecLimits } from "./ceilings.ts";
import type { Engine } from "./program/engine.ts";
import type { Job } from "./protocol.ts";

/** Narrows what the code may use below what its caller may. The gateway applies it when it makes the host. */
export interface ExecAllow {
  readonly models?: readonly string[] | undefined;
  /** Decimal string of US dollars. */
  readonly max_cost?: string | undefined;
  readonly memory?: "none" | "read" | "write" | undefined;
  readonly artifacts?: "none" | "read" | "write" | undefined;
  /** Hosts that `fetch` may reach, of those that the settings allow. */
  readonly hosts?: readonly string[] | undefined;
  /** Upstream MCP servers, of those that are configured. */
  readonly mcp?: readonly string[] | undefined;
}

/** The arguments of `sandbox.exec`: a program (`code`), a run to ask for (`run`), or one to go through again (`replay`). */
export interface ExecArgs {
  readonly code?: string | undefined;
  /** Absent: JavaScript, and TypeScript where it does not parse as JavaScript. */
  readonly language?: "javascript" | "typescript" | undefined;
  /** The global `input`, and the argument of a function that the program ends with. */
  readonly input?: Json | undefined;
  /** Modules that the code can import, by path. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** An artifact whose files can be imported. */
  readonly from?: { readonly repo: string; readonly ref?: string | undefined } | undefined;
  readonly timeout_ms?: number | undefined;
  readonly memory_mb?: number | undefined;
  readonly limits?: ExecLimits | undefined;
  readonly allow?: ExecAllow | undefined;
  readonly engine?: Engine | undefined;
  /** Makes randomness and time the same in every run. */
  readonly seed?: number | string | undefined;
  /** How long to wait before answering `running`. */
  readonly wait_ms?: number | undefined;
  readonly run?: string | undefined;
  /** With `run`: end it. */
  readonly cancel?: boolean | undefined;
  readonly replay?: string | undefined;
}

/** A program with every bound checked and every default filled in. */
export interface ProgramRequest extends Pick<Job, "code" | "language" | "input" | "files" | "memoryMb" | "limits"> {
  readonly timeoutMs: number;
  readonly engine: Engine;
}

/**
 * Checks what a schema cannot say: sizes in bytes, and numbers for callers who come without one.
 * @throws too_large for more bytes than the limits allow.
 * @throws invalid_request for a number outside its range.
 */
export function readProgram(code: string, args: ExecArgs, ceilings: Ceilings): ProgramRequest {
  checkBytes("code", Buffer.byteLength(code), sandboxLimits.codeBytesMax);
  const files = args.files ?? {};
  checkFiles(files);
  const input = args.input === undefined ? "" : JSON.stringify(args.input);
  checkBytes("input", Buffer.byteLength(input), sandboxLimits.inputBytesMax);
  const timeoutMs = inRange("timeout_ms", args.timeout_ms, sandboxLimits.timeoutMsDefault, ceilings.timeoutMs);
  const asked = args.limits ?? {};
  checkNames(asked);
  const most = ceilings.limits;
  return {
    code,
    language: args.language,
    input,
    files,
    timeoutMs,
    memoryMb: inRange(
      "memory_mb",
      args.memory_mb,
      sandboxLimits.memoryMbDefault,
      ceilings.memoryMb,
      sandboxLimits.memoryMbMin,
    ),
    engine: args.engine ?? "quickjs",
    limits: {
      ...most,
      cpuMs: inRange("limits.cpu_ms", asked.cpu_ms, timeoutMs, most.cpuMs),
      stackBytes: inRange(
        "limits.stack_bytes",
        asked.stack_bytes,
        most.stackBytes,
        most.stackBytes,
        sandboxLimits.stackBytesMin,
      ),
      resultBytes: inRange("limits.result_bytes", asked.result_bytes, most.resultBytes, most.resultBytes),
      logBytes: inRange("limits.log_bytes", asked.log_bytes, most.logBytes, most.logBytes, 0),
      calls: inRange("limits.calls", asked.calls, most.calls, most.calls, 0),
      callsInFlight: inRange("limits.calls_in_flight", asked.calls_in_flight, most.callsInFlight, most.callsInFlight),
    },
  };
}

/** @throws too_large for more modules, or more text in them, than one run may have. */
export function checkFiles(files: Readonly<Record<string, string>>): void {
  const paths = Object.keys(files);
  const { filesMax } = sandboxLimits;
  if (paths.length > filesMax) {
    throw new SwitchyardError("too_large", `files has ${paths.length} entries, more than ${filesMax}`, {
      next: "Pass only the modules that the program imports",
      details: { field: "files", limit: filesMax },
    });
  }
  let bytes = 0;
  for (const path of paths) bytes += Buffer.byteLength(path) + Buffer.byteLength(files[path] ?? "");
  checkBytes("files", bytes, sandboxLimits.filesBytesMax);
}

/** How long the caller waits before it is answered `running`. */
export function readWaitMs(args: ExecArgs): number {
  return inRange("wait_ms", args.wait_ms, sandboxLimits.waitMsDefault, sandboxLimits.waitMsMax, 0);
}

/** Four 32-bit words from what the caller calls a seed. */
export function seedWords(seed: number | string): readonly number[] {
  const digest = createHash("sha256").update(JSON.stringify(seed)).digest();
  return [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
}

const limitNames: readonly (keyof ExecLimits)[] = [
  "cpu_ms",
  "stack_bytes",
  "result_bytes",
  "log_bytes",
  "calls",
  "calls_in_flight",
];

/** A misspelt limit would not be one. */
function checkNames(asked: ExecLimits): void {
  const unknown = Object.keys(asked).find((name) => !limitNames.some((known) => known === name));
  if (unknown === undefined) return;
  throw new SwitchyardError("invalid_request", `there is no limits.${unknown.slice(0, 64)}`, {
    next: `There are ${limitNames.join(", ")}`,
    details: { field: "limits" },
  });
}

function checkBytes(field: string, bytes: number, max: number): void {
  if (bytes <= max) return;
  throw new SwitchyardError("too_large", `${field} is ${bytes} bytes, more than ${max}`, {
    next: "Send less, or commit it to an artifact and read it from there",
    details: { field, bytes, limit: max },
  });
}

function inRange(field: string, given: number | undefined, otherwise: number, max: number, min = 1): number {
  const value = given ?? Math.min(otherwise, max);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SwitchyardError("invalid_request", `${field} is ${value}, not a whole number from ${min} to ${max}`, {
    next: `Give ${field} between ${min} and ${max}`,
    details: { field, min, max },
  });
}
