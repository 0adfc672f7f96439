import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { tools } from "../tools/index.ts";

const path = fileURLToPath(new URL("../README.md", import.meta.url));
const between = /(<!-- tools:[^\n]*-->\n)[\s\S]*?(<!-- \/tools -->)/;

/** The README with its table of tools as the definitions have it now. */
export function withToolTable(readme: string): string {
  const rows = tools.map(
    (tool) => `| \`${tool.name}\` | ${tool.description.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")} |`,
  );
  return readme.replace(between, `$1| tool | what it does |\n|---|---|\n${rows.join("\n")}\n$2`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(path, withToolTable(await readFile(path, "utf8")));
