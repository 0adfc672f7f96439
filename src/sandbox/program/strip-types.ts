import { stripTypeScriptTypes } from "node:module";

/** What became of TypeScript source: JavaScript with every line and column where it was, or why not. */
export type Stripped =
  | { readonly kind: "stripped"; readonly source: string }
  | { readonly kind: "refused"; readonly message: string; readonly line?: number; readonly column?: number }
  /** The stripper itself failed and cannot be used again in this thread. */
  | { readonly kind: "broken" };

/**
 * Removes types. Hostile input can break Node's stripper for good (deep nesting overruns its own WebAssembly stack),
 * so this is never called in the main thread.
 */
export function stripTypes(source: string): Stripped {
  try {
    return { kind: "stripped", source: stripTypeScriptTypes(source) };
  } catch (error) {
    const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
    if (code !== "ERR_INVALID_TYPESCRIPT_SYNTAX" && code !== "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
      return { kind: "broken" };
    return { kind: "refused", message: message ?? "this is not TypeScript", ...position(stack ?? "") };
  }
}

/** Node writes `:<line>`, the line (and sometimes the one before it) and a row of carets above the error's own text. */
function position(stack: string): { line?: number; column?: number } {
  const [head = "", ...below] = stack.split("\n", 5);
  const line = /:(\d+)$/.exec(head)?.[1];
  if (line === undefined) return {};
  const column = below.find((text) => /^\s*\^+$/.test(text))?.indexOf("^") ?? -1;
  return column < 0 ? { line: Number(line) } : { line: Number(line), column: column + 1 };
}
