import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as limits from "../src/core/limits.ts";

const source = fileURLToPath(new URL("../src/core/limits.ts", import.meta.url));
const page = fileURLToPath(new URL("../docs/limits.md", import.meta.url));

/** `docs/limits.md` as the limits are now: every bound with its value and the comment that stands over it. */
export async function limitsPage(): Promise<string> {
  const comments = commentsOf(await readFile(source, "utf8"));
  const sections = Object.entries(limits)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([section, bounds]) => {
      const rows = Object.entries(bounds).map(
        ([name, value]) =>
          `| \`${name}\` | ${value.toLocaleString("en")} | ${comments.get(`${section}.${name}`) ?? ""} |`,
      );
      return `## ${section.replace(/Limits$/, "")}\n\n| bound | value | what it is |\n|---|---|---|\n${rows.join("\n")}\n`;
    });
  return `# Limits\n\nEvery buffer, queue, body, wait and loop has a bound in \`src/core/limits.ts\`. Past it a call gets a clear error\n(\`too_large\`, \`rate_limited\`, \`timeout\` or \`invalid_request\`) that names the bound, and nothing is lost. This page is\nwritten by \`node scripts/limits-table.ts\` and checked by a test. Names end in their units.\n\n${sections.join("\n")}`;
}

/** The doc comment over each member, by `section.member`. */
function commentsOf(text: string): Map<string, string> {
  const comments = new Map<string, string>();
  let section = "";
  for (const match of text.matchAll(/export const (\w+)|\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\n\s*(\w+):/g)) {
    const [, name, comment, member] = match;
    if (name !== undefined) section = name;
    else comments.set(`${section}.${member}`, (comment ?? "").replaceAll(/\s*\n\s*\*?\s*/g, " ").trim());
  }
  return comments;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(page, await limitsPage());
