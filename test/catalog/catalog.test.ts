import { describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";

const catalog = openCatalog(await shippedRows());

describe("the catalog", () => {
  it("holds at least 350 models", () => {
    expect(catalog.search({}).length).toBeGreaterThanOrEqual(350);
  });

  it("splits an id on its first slash", () => {
    expect(catalog.resolve("groq/openai/gpt-oss-120b")).toMatchObject({
      provider: "groq",
      nativeId: "openai/gpt-oss-120b",
    });
  });

  it.each([
    ["anthropic/claude-opus-5.5", "anthropic/claude-opus-5-5"],
    ["google-ai-studio/gemini-2.5-pro", "google/gemini-2.5-pro"],
    ["grok/grok-4.5", "xai/grok-4.5"],
    ["@cf/openai/gpt-oss-20b", "workers-ai/@cf/openai/gpt-oss-20b"],
    ["OpenAI/GPT-5.4-mini", "openai/gpt-5.4-mini"],
  ])("finds %s as %s", (alias, id) => {
    expect(catalog.resolve(alias).id).toBe(id);
  });

  it("names the nearest ids of one that does not exist", () => {
    expect(() => catalog.resolve("openai/gpt-5.4-minni")).toThrowError(
      expect.objectContaining({ code: "not_found", next: expect.stringContaining("openai/gpt-5.4-mini") }),
    );
  });

  it("searches by words in any order, task, provider and features", () => {
    const found = catalog.search({
      query: "flash gemini",
      task: "text",
      provider: "google",
      features: ["tools", "image"],
    });
    expect(found.length).toBeGreaterThan(3);
    for (const card of found)
      expect(card).toMatchObject({ provider: "google", task: "text", features: { tools: true } });
  });
});
