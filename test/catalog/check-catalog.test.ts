import { describe, expect, test } from "vitest";
import { checkCatalog } from "../../scripts/check-catalog.ts";
import type { CatalogRow } from "../../src/catalog/row.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";

const today = "2026-11-22";
const rows = await shippedRows();
const model: CatalogRow = {
  id: "openai/gpt-test",
  task: "text",
  input: ["text"],
  context: 1_000,
  max_output: null,
  price: { input_per_mtok: 1, output_per_mtok: 2 },
  features: { tools: true, json_schema: null, vision: false, reasoning: false, streaming: true },
  status: "ga",
  source: "a price list, read 2026-11-01",
};
const problemsOf = async (...given: unknown[]) => (await checkCatalog(given, today)).problems;

test("the catalog that ships has nothing wrong with it", async () => {
  expect((await checkCatalog(rows, today)).problems).toEqual([]);
});

describe("what is wrong is named", () => {
  test.each<[string, object, RegExp]>([
    ["a field that is none", { colour: "red" }, /gpt-test: .*colour/],
    ["a task that is none", { task: "poetry" }, /gpt-test: task/],
    ["a negative price", { price: { input_per_mtok: -1 } }, /gpt-test: price/],
    ["a price without a unit", { price: {} }, /is empty/],
    ["a unit that is none", { price: { dollars: 1 } }, /a unit that is none/],
    ["a date that is none", { shutdown_date: "soon" }, /shutdown_date/],
    ["an end that is not announced", { shutdown_date: "2027-01-01" }, /is not deprecated/],
    ["a successor that is not there", { status: "deprecated", successor: "openai/gpt-none" }, /is not in the catalog/],
    ["a task that its provider cannot do", { task: "video" }, /openai has no adapter for video/],
    ["a provider that is none", { id: "nobody/x" }, /nobody has no adapter/],
  ])("%s", async (_what, change, problem) => {
    expect(await problemsOf({ ...model, ...change })).toEqual([expect.stringMatching(problem)]);
  });

  test("an id that is there twice, and a successor that does something else or has ended", async () => {
    expect(await problemsOf(model, model)).toEqual(["1 ids are there twice"]);
    const old = { ...model, id: "openai/gpt-old", status: "deprecated", successor: "openai/gpt-test" };
    expect(await problemsOf(old, { ...model, task: "embedding" })).toEqual([expect.stringContaining("does embedding")]);
    const ended = { ...model, status: "deprecated", shutdown_date: "2026-11-22" };
    expect(await problemsOf(old, ended)).toEqual([expect.stringContaining("has ended itself")]);
  });

  test("a model whose adapter says why it cannot be called is no problem", async () => {
    const speech = { ...model, task: "speech" };
    expect(await problemsOf({ ...speech, id: "bytedance/seed-audio-1.0" })).toEqual([]);
    expect(await problemsOf({ ...speech, id: "bytedance/seed-audio-2.0" })).toHaveLength(1);
  });

  test("a model that has no adapter has no problem once it has ended, or when it speaks over a socket", async () => {
    const film = { ...model, task: "video" };
    expect(await problemsOf({ ...film, status: "deprecated", shutdown_date: "2026-11-22" })).toEqual([]);
    expect(await problemsOf({ ...film, task: "realtime" })).toEqual([]);
    expect(await problemsOf({ ...film, status: "deprecated", shutdown_date: "2026-11-23" })).toHaveLength(1);
  });
});

test.each<[string, object, string[]]>([
  ["a price of the day", {}, []],
  ["a price read 120 days ago", { source: "read 2026-07-25" }, []],
  ["a price read 121 days ago", { source: "read 2026-07-24" }, ["openai/gpt-test: its price was read 121 days ago"]],
  ["the newest of several dates", { source: "read 2025-01-01, again 2026-11-01" }, []],
  ["a price without a date", { source: "a price list" }, ["openai/gpt-test: its price has no date"]],
  ["no price", { price: null }, ["openai/gpt-test: no price"]],
  [
    "a model that is about to end",
    { status: "deprecated", shutdown_date: "2026-12-01" },
    ["openai/gpt-test: ends in 9 days, on 2026-12-01"],
  ],
  ["a model that ends next year", { status: "deprecated", shutdown_date: "2027-12-01" }, []],
  [
    "a model that has ended",
    { status: "deprecated", shutdown_date: "2026-11-22" },
    ["openai/gpt-test: ended on 2026-11-22"],
  ],
])("%s is stale or not", async (_what, change, stale) => {
  expect((await checkCatalog([{ ...model, ...change }], today)).stale).toEqual(stale);
});
