import type { ProgramForm } from "../isolate.ts";
import { asyncBody, asyncHead } from "./async-body.ts";
import { Edits, type Rewritten } from "./edits.ts";
import type { Engine } from "./engine.ts";
import { readModuleSyntax } from "./module-syntax.ts";
import { stripTypes } from "./strip-types.ts";

export type Language = "javascript" | "typescript" | undefined;

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
 * removed, and then what has imports, exports, `await` or `return` at the top. The next is asked for when the one
 * before did not parse, so nothing has run by then. Ends with `fault`: what to tell the user, or undefined for what
 * the engine said of the first form.
 */
export function* programForms(code: string, language: Language, engine: Engine): Generator<NextForm> {
  const file = mainFile(language);
  if (language !== "typescript") yield* formsOf(code, file, engine, false);
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
      if (source !== code || language === "typescript") yield* formsOf(source, file, engine, false);
    } else {
      // What TypeScript refuses at the top of a file, it may take in a function: `return`.
      const wrapped = stripTypes(`${asyncHead}${code}\n})`);
      if (wrapped.kind === "stripped") source = wrapped.source.slice(asyncHead.length, -"\n})".length);
      if (language === "typescript") fault = faultOf(stripped);
    }
  }
  yield* formsOf(source, file, engine, true);
  yield { kind: "fault", fault, isBroken: false };
}

/** What the user's program is called in errors. */
export function mainFile(language: Language): string {
  return language === "typescript" ? "main.ts" : "main.js";
}

/** The plain script first; `isLast` for the forms that cost a parser. */
function* formsOf(source: string, file: string, engine: Engine, isLast: boolean): Generator<NextForm> {
  const form = (rewritten: Rewritten, mode: ProgramForm["mode"]): NextForm => ({
    kind: "form",
    form: { ...rewritten, mode, file },
  });
  const plain: Rewritten = { source, shifts: [] };
  if (!isLast) {
    // V8's scripts can neither import nor await, and take `await (x)` for a call.
    if (engine === "quickjs" || !/\b(?:import|await)\b/.test(source)) yield form(plain, "script");
    return;
  }
  if (engine === "v8") {
    const body = asyncBody(source);
    if (body) yield form(body, "expression");
    yield form(plain, "script");
    return;
  }
  const syntax = readModuleSyntax(source);
  if (syntax?.kind === "module") yield form(plain, "module");
  else if (syntax?.kind === "imports") {
    yield form(syntax.rewritten, "script");
    yield form(wrapped(syntax.rewritten), "expression");
  } else yield form(wrapped(plain), "expression");
}

/** As the body of an async function, for a `return` at the top. */
function wrapped({ source, shifts }: Rewritten): Rewritten {
  const whole = new Edits(source).apply(asyncHead, "\n})");
  const moved = shifts.map((shift) =>
    shift.line === 1 ? { line: 1, column: shift.column + asyncHead.length, by: shift.by + asyncHead.length } : shift,
  );
  return { source: whole.source, shifts: [...whole.shifts, ...moved] };
}

function faultOf({ message, line, column }: SyntaxFault): SyntaxFault {
  return { message, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}
