import { SwitchyardError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { sandboxLimits } from "../core/limits.ts";

/** Narrows what the code may use below what its caller may. The gateway applies it when it makes the host. */
export interface ExecAllow {
  readonly models?: readonly string[] | undefined;
  /** Decimal string of US dollars. */
  readonly max_cost?: string | undefined;
  readonly memory?: "none" | "read" | "write" | undefined;
  readonly artifacts?: "none" | "read" | "write" | undefined;
  readonly hosts?: readonly string[] | undefined;
}

/** The arguments of `sandbox.exec`. */
export interface ExecArgs {
  readonly code: string;
  /** Absent: JavaScript, and TypeScript where it does not parse as JavaScript. */
  readonly language?: "javascript" | "typescript" | undefined;
  /** The global `input`, and the argument of a function that the program ends with. */
  readonly input?: Json | undefined;
  /** Modules that the code can import, by path. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly timeout_ms?: number | undefined;
  readonly memory_mb?: number | undefined;
  readonly allow?: ExecAllow | undefined;
}

/** Arguments with every bound checked and every default filled in. */
export interface CheckedArgs {
  readonly code: string;
  readonly language: "javascript" | "typescript" | undefined;
  /** JSON text, or empty for none. */
  readonly input: string;
  readonly files: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/**
 * Checks what a schema cannot say: sizes in bytes, and numbers for callers who come without one.
 * @throws too_large for more bytes than the limits allow.
 * @throws invalid_request for a number outside its range.
 */
export function checkExecArgs(args: ExecArgs): CheckedArgs {
  const limits = sandboxLimits;
  checkBytes("code", Buffer.byteLength(args.code), limits.codeBytesMax);
  const files = args.files ?? {};
  const paths = Object.keys(files);
  if (paths.length > limits.filesMax) {
    throw new SwitchyardError("too_large", `files has ${paths.length} entries, more than ${limits.filesMax}`, {
      next: "Commit the files to an artifact and import them from there",
      details: { limit: limits.filesMax },
    });
  }
  let fileBytes = 0;
  for (const path of paths) fileBytes += Buffer.byteLength(path) + Buffer.byteLength(files[path] ?? "");
  checkBytes("files", fileBytes, limits.filesBytesMax);
  const input = args.input === undefined ? "" : JSON.stringify(args.input);
  checkBytes("input", Buffer.byteLength(input), limits.inputBytesMax);
  return {
    code: args.code,
    language: args.language,
    input,
    files,
    timeoutMs: inRange("timeout_ms", args.timeout_ms ?? limits.timeoutMsDefault, 1, limits.timeoutMsMax),
    memoryMb: inRange("memory_mb", args.memory_mb ?? limits.memoryMbDefault, limits.memoryMbMin, limits.memoryMbMax),
  };
}

function checkBytes(field: string, bytes: number, max: number): void {
  if (bytes <= max) return;
  throw new SwitchyardError("too_large", `${field} is ${bytes} bytes, more than ${max}`, {
    next: "Send less, or commit it to an artifact and read it from there",
    details: { field, bytes, limit: max },
  });
}

function inRange(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SwitchyardError("invalid_request", `${field} is ${value}, not a whole number from ${min} to ${max}`, {
    next: `Give ${field} between ${min} and ${max}`,
    details: { field, min, max },
  });
}
