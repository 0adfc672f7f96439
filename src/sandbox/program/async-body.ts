import { type AnyNode, type Program, parse, type Statement } from "acorn";
import { Edits, type Rewritten } from "./edits.ts";
import { dynamicImport } from "./imports.ts";
import { lenient } from "./module-syntax.ts";

export const asyncHead = "(async () => {";

/**
 * A program of any form as an async function that returns its result, for an engine whose scripts cannot await:
 * imports become calls of `__import`, the last expression (also inside `if`, `try` and blocks) or the default export
 * is returned. Null when it does not parse.
 */
export function asyncBody(source: string): Rewritten | null {
  let program: Program;
  try {
    program = parse(source, lenient);
  } catch {
    return null;
  }
  const edits = new Edits(source);
  rewriteDynamicImports(program, edits);
  let hasExports = false;
  let ending = "\n";
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      edits.replace(statement.start, statement.end, dynamicImport(statement, "__import"));
    } else if (statement.type === "ExportDefaultDeclaration") {
      hasExports = true;
      const { declaration } = statement;
      const isNamed =
        (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") && declaration.id;
      if (isNamed) {
        edits.replace(statement.start, declaration.start, "");
        ending = `\n__default = ${isNamed.name};`;
      } else edits.replace(statement.start, declaration.start, "__default = ");
    } else if (statement.type === "ExportNamedDeclaration") {
      hasExports = true;
      edits.replace(statement.start, statement.declaration?.start ?? statement.end, "");
    } else if (statement.type === "ExportAllDeclaration") {
      hasExports = true;
      edits.replace(statement.start, statement.end, "");
    }
  }
  if (hasExports) return edits.apply(`${asyncHead} let __default; `, `${ending} return __default; })`);
  const last = program.body.at(-1);
  if (last) returnValue(last as Statement, edits);
  return edits.apply(asyncHead, "\n})");
}

/** A module's `import(…)` expressions as calls of `__import`. Null when it does not parse. */
export function withoutDynamicImports(source: string): Rewritten | null {
  try {
    const edits = new Edits(source);
    rewriteDynamicImports(parse(source, lenient), edits);
    return edits.apply();
  } catch {
    return null;
  }
}

/** The statement's value, where it has one, is what the function returns. */
function returnValue(statement: Statement, edits: Edits): void {
  if (statement.type === "ExpressionStatement") {
    const { expression } = statement;
    edits.insert(expression.start, "return (");
    edits.insert(expression.end, ")");
  } else if (statement.type === "BlockStatement") {
    const last = statement.body.at(-1);
    if (last) returnValue(last, edits);
  } else if (statement.type === "IfStatement") {
    returnValue(statement.consequent, edits);
    if (statement.alternate) returnValue(statement.alternate, edits);
  } else if (statement.type === "TryStatement") {
    returnValue(statement.block, edits);
    if (statement.handler) returnValue(statement.handler.body, edits);
  }
}

function rewriteDynamicImports(root: Program, edits: Edits): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== "object" || node === null) continue;
    const { type, start } = node as Partial<AnyNode>;
    if (type === "ImportExpression" && start !== undefined) edits.replace(start, start + "import".length, "__import");
    open.push(...Object.values(node));
  }
}
