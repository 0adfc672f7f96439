import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { toolList } from "../../src/serve/tool-list.ts";
import { tools } from "../../tools/index.ts";

const tokensMax = 5_000;
const listed = toolList(tools, "underscore")();

describe("the tools as hosts see them", () => {
  it.each(listed.map((tool) => [tool.name, tool] as const))(
    "%s is as its golden file says (UPDATE_GOLDEN=1 writes it)",
    async (name, tool) => {
      const path = join(import.meta.dirname, "golden", `${name}.json`);
      const text = `${JSON.stringify(tool, null, 2)}\n`;
      if (process.env.UPDATE_GOLDEN === "1") await writeFile(path, text);
      expect(text).toBe(await readFile(path, "utf8"));
    },
  );

  it(`cost a model at most ${tokensMax} tokens, all together`, () => {
    expect(encode(JSON.stringify({ tools: listed })).length).toBeLessThanOrEqual(tokensMax);
  });

  it("have names that every host takes, and dotted titles", () => {
    for (const { name, title } of listed) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)?$/);
      expect(title?.replace(".", "_")).toBe(name);
    }
  });

  it("say all four things that a host may assume", () => {
    for (const { name, annotations } of listed) {
      expect(Object.keys(annotations ?? {}).sort(), name).toEqual([
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
        "readOnlyHint",
      ]);
    }
  });

  it("describe themselves in plain visible text", () => {
    for (const tool of listed) expect(JSON.stringify(tool)).not.toMatch(/[\p{Cf}\p{Co}]/u);
  });
});
