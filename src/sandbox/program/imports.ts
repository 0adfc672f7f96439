import type { ImportDeclaration } from "acorn";

/** A static import as a statement that awaits `load("specifier")`. Live bindings become constants. */
export function dynamicImport(statement: ImportDeclaration, load: "import" | "__import"): string {
  const loaded = `await ${load}(${JSON.stringify(statement.source.value)})`;
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
  if (namespace === undefined) return names.length === 0 ? `${loaded};` : `const ${pattern} = ${loaded};`;
  const whole = `const ${namespace} = ${loaded}`;
  return names.length === 0 ? `${whole};` : `${whole}, ${pattern} = ${namespace};`;
}
