import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { limitsPage } from "../../scripts/limits-table.ts";
import { withToolTable } from "../../scripts/tool-table.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(root, path), "utf8");

describe("generated documentation is current", () => {
  it("the README's table of tools (node scripts/tool-table.ts)", async () => {
    const readme = await read("README.md");
    expect(readme).toBe(withToolTable(readme));
  });

  it("docs/limits.md (node scripts/limits-table.ts)", async () => {
    expect(await read("docs/limits.md")).toBe(await limitsPage());
  });
});
