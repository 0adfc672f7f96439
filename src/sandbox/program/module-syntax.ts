import { type ImportDeclaration, type Program, parse } from "acorn";

/** What a program that is not a plain script is: a module with exports, or a script that only imports. */
export type ModuleSyntax =
  | { readonly kind: "module" }
  /** The imports are rewritten to awaited dynamic ones on the lines they were on, so that the rest stays a script. */
  | { readonly kind: "imports"; readonly source: string }
  | { readonly kind: "none" };

/** Null when the source does not parse as a module either. */
export function readModuleSyntax(source: string): ModuleSyntax | null {
  let program: Program;
  try {
    program = parse(source, {
      ecmaVersion: "latest",
      sourceType: "module",
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
    });
  } catch {
    return null;
  }
  const imports: ImportDeclaration[] = [];
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") imports.push(statement);
    else if (statement.type.startsWith("Export")) return { kind: "module" };
  }
  return imports.length === 0 ? { kind: "none" } : { kind: "imports", source: rewrite(source, imports) };
}

function rewrite(source: string, imports: readonly ImportDeclaration[]): string {
  let text = "";
  let end = 0;
  for (const statement of imports) {
    const original = source.slice(statement.start, statement.end);
    // Lines below must stay where they are.
    const lineBreaks = "\n".repeat(original.split("\n").length - 1);
    text += source.slice(end, statement.start) + dynamicImport(statement) + lineBreaks;
    end = statement.end;
  }
  return text + source.slice(end);
}

function dynamicImport(statement: ImportDeclaration): string {
  const load = `await import(${JSON.stringify(statement.source.value)})`;
  let namespace: string | undefined;
  const names: string[] = [];
  for (const specifier of statement.specifiers) {
    const local = specifier.local.name;
    if (specifier.type === "ImportNamespaceSpecifier") namespace = local;
    else if (specifier.type === "ImportDefaultSpecifier") names.push(`default: ${local}`);
    else {
      const { imported } = specifier;
      const name = imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
      names.push(`${name}: ${local}`);
    }
  }
  const pattern = `{ ${names.join(", ")} }`;
  if (namespace === undefined) return names.length === 0 ? `${load};` : `const ${pattern} = ${load};`;
  return names.length === 0
    ? `const ${namespace} = ${load};`
    : `const ${namespace} = ${load}, ${pattern} = ${namespace};`;
}
