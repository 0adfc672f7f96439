import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsSchema } from "../../src/config/settings.ts";
import { localCaller as me } from "../../src/core/caller.ts";
import { artifactMerge } from "../../tools/artifact.merge.ts";
import { tools } from "../../tools/index.ts";
import { type ApiWorld, openApiWorld } from "../serve/support/api-world.ts";

const page = (name: string) => readFile(join(import.meta.dirname, "../../docs", name), "utf8");
const blocks = (text: string) => [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, body = ""]) => body);

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("docs/artifacts.md", () => {
  it("shows calls that are answered, one after another", async () => {
    const { artifacts } = world.gateway;
    // What the page takes to be there: a repository with some history, and a branch to delete.
    for (const text of ["1", "2"]) {
      await artifacts.commit({ repo: "report", files: { "old.md": text, "src/a.ts": text }, message: text }, me);
    }
    await artifacts.commit({ repo: "report", branch: "try", from: "main", files: { f: "1" }, message: "try" }, me);
    const calls = blocks(await page("artifacts.md")).flatMap((block) => [
      ...block.matchAll(/^(artifact\.\w+)\s+(\{[\s\S]*?\})(?=\nartifact|\n*$)/gm),
    ]);
    expect(calls.length).toBeGreaterThan(10);
    const run: string[] = [];
    for (const [, name = "", json = ""] of calls) {
      if (name === artifactMerge.name) {
        const files = { "draft.md": "# Ada's draft\n" };
        await artifacts.commit({ repo: "report-ada", branch: "agent/ada", from: "main", files, message: "ada" }, me);
      }
      const tool = tools.find((one) => one.name === name);
      if (tool === undefined) throw new Error(`there is no tool ${name}`);
      const args = tool.input.parse(JSON.parse(json));
      const signal = new AbortController().signal;
      const answer = await tool.handle(args, { gateway: world.gateway, caller: me, signal, onProgress: () => {} });
      expect(answer).toBeTruthy();
      run.push(name);
    }
    expect(new Set(run)).toEqual(new Set(tools.map(({ name }) => name).filter((name) => name.startsWith("artifact."))));
    const merged = await artifacts.checkout({ repo: "report", path: "draft.md" }, me);
    expect(merged.files["draft.md"]?.text).toBe("# Ada's draft\n");
  });
});

it("docs/settings.md shows settings that are accepted", async () => {
  const shown = blocks(await page("settings.md"));
  expect(shown.some((block) => block.includes("price_per_gb"))).toBe(true);
  for (const block of shown) expect(() => settingsSchema.parse(JSON.parse(block)), block).not.toThrow();
});
