import { type ImportDeclaration, type Options, type Program, parse } from "acorn";
import { Edits, type Rewritten } from "./edits.ts";
import { dynamicImport } from "./imports.ts";

/** What a program that is not a plain script is: a module with exports, or a script that only imports. */
export type ModuleSyntax =
  | { readonly kind: "module" }
  /** The imports are awaited dynamic ones now, on the lines they were on, so that the rest stays a script. */
  | { readonly kind: "imports"; readonly rewritten: Rewritten }
  | { readonly kind: "none" };

/** Programs as users write them: a module's syntax, with `return` and `await` wherever they like. */
export const lenient: Options = {
  ecmaVersion: "latest",
  sourceType: "module",
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
};

/** Null when the source does not parse as a module either. */
export function readModuleSyntax(source: string): ModuleSyntax | null {
  let program: Program;
  try {
    program = parse(source, lenient);
  } catch {
    return null;
  }
  const imports: ImportDeclaration[] = [];
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") imports.push(statement);
    else if (statement.type.startsWith("Export")) return { kind: "module" };
  }
  if (imports.length === 0) return { kind: "none" };
  const edits = new Edits(source);
  for (const statement of imports) edits.replace(statement.start, statement.end, dynamicImport(statement, "import"));
  return { kind: "imports", rewritten: edits.apply() };
}
