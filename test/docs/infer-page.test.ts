import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { settingsSchema } from "../../src/config/settings.ts";
import { inferArgs } from "../../src/infer/request.ts";
import { openPipeline } from "../infer/support/pipeline.ts";

interface Block {
  readonly kind: string;
  readonly text: string;
}

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(join(import.meta.dirname, "../../docs", page), "utf8");
  return [...text.matchAll(/^```json ?(\S*)\n([\s\S]*?)^```/gm)].map(([, kind = "", body = ""]) => ({
    kind,
    text: body,
  }));
}

const blocks = await blocksOf("infer.md");
const ofKind = (kind: string) => blocks.filter((block) => block.kind === kind).map(({ text }) => text);

/** All settings of the page together, but for the providers, which are simulated. */
const shown = ofKind("settings").map((text) => JSON.parse(text) as Record<string, unknown>);
const { providers: _, ...settings } = Object.assign({}, ...shown) as Record<string, unknown>;

describe("docs/infer.md", () => {
  it("says of every block of JSON what it is", () => {
    expect(blocks.every(({ kind }) => ["infer", "settings", "result"].includes(kind))).toBe(true);
    expect(ofKind("infer").length).toBeGreaterThan(10);
  });

  it("shows settings that are accepted", () => {
    for (const one of shown) expect(() => settingsSchema.parse(one)).not.toThrow();
  });

  it.each(ofKind("infer").map((text, at) => [at + 1, text] as const))(
    "shows calls that are answered: %i",
    async (_, text) => {
      const { start } = await openPipeline({ settings });
      const result = await (await start(inferArgs.parse(JSON.parse(text)))).done;
      expect(result.error).toBeUndefined();
      expect(result.status).toBe("succeeded");
    },
  );

  it("shows a result as it is", async () => {
    const [example = ""] = ofKind("result");
    const { ask } = await openPipeline();
    const [first = ""] = ofKind("infer");
    const result = await ask(inferArgs.parse(JSON.parse(first)));
    const keys = (value: unknown, path = ""): string[] =>
      typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [`${path}.${key}`, ...keys(inner, `${path}.${key}`)])
        : [];
    expect(keys(JSON.parse(example)).sort()).toEqual(keys(JSON.parse(JSON.stringify(result))).sort());
  });
});

describe("docs/settings.md", () => {
  it("shows settings that are accepted", async () => {
    for (const { text } of await blocksOf("settings.md"))
      expect(() => settingsSchema.parse(JSON.parse(text))).not.toThrow();
  });
});
