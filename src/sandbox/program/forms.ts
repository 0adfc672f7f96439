import type { ProgramForm } from "../isolate.ts";
import { readModuleSyntax } from "./module-syntax.ts";
import { stripTypes } from "./strip-types.ts";

const wrapperHead = "(async () => {";

/** A program that is not one in any form, as its parser put it. */
export interface SyntaxFault {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export type NextForm =
  | { readonly kind: "form"; readonly form: ProgramForm }
  | { readonly kind: "fault"; readonly fault: SyntaxFault | undefined; readonly isBroken: boolean };

/**
 * The forms a program may have, cheapest first: a script whose last expression is the result, the same with its types
 * removed, a module, a script with static imports, and the body of an async function (`return` at the top). The next
 * is asked for when the one before did not parse, so nothing has run by then. Ends with `fault`: what to tell the
 * user, or undefined for what the engine said of the first form.
 */
export function* programForms(code: string, language: "javascript" | "typescript" | undefined): Generator<NextForm> {
  const file = language === "typescript" ? "main.ts" : "main.js";
  const script = (source: string, from = file): NextForm => form(source, "script", from);
  if (language !== "typescript") yield script(code);
  let source = code;
  let fault: SyntaxFault | undefined;
  if (language !== "javascript") {
    const stripped = stripTypes(code);
    if (stripped.kind === "broken") {
      yield { kind: "fault", fault: { message: "the program is nested too deeply" }, isBroken: true };
      return;
    }
    if (stripped.kind === "stripped") {
      source = stripped.source;
      if (source !== code || language === "typescript") yield script(source);
    } else {
      const wrapped = stripTypes(`${wrapperHead}${code}\n})`);
      if (wrapped.kind === "stripped") yield form(wrapped.source, "expression", file, wrapperHead.length);
      if (language === "typescript") {
        const { message, line, column } = stripped;
        fault = { message, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
      }
    }
  }
  const syntax = readModuleSyntax(source);
  if (syntax?.kind === "module") yield form(source, "module", file);
  else if (syntax?.kind === "imports") {
    yield script(syntax.source);
    yield form(`${wrapperHead}${syntax.source}\n})`, "expression", file, wrapperHead.length);
  } else yield form(`${wrapperHead}${source}\n})`, "expression", file, wrapperHead.length);
  yield { kind: "fault", fault, isBroken: false };
}

function form(source: string, mode: ProgramForm["mode"], file: string, firstColumn = 0): NextForm {
  return { kind: "form", form: { source, file, mode, firstColumn } };
}
