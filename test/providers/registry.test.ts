import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { providersPage } from "../../scripts/provider-table.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { acceptedTextParams } from "../../src/providers/accepted-params.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { fillBaseUrl, loadAdapter, providerList } from "../../src/providers/registry.ts";
import { conformingMedia } from "./conformance/media-table.ts";
import { conforming } from "./conformance/table.ts";
import { ask, card, credentials } from "./support/model.ts";

describe("the registry", () => {
  test.each(providerList.map((info) => [info.provider, info] as const))(
    "says of %s what its adapter says",
    async (provider, info) => {
      const adapter = await loadAdapter(provider);
      expect(adapter).toMatchObject({ provider, defaultBaseUrl: info.defaultBaseUrl, keyVariables: info.keyVariables });
      const tasks = [
        "text",
        "embedding",
        "image",
        "video",
        "speech",
        "transcription",
        "music",
        "moderation",
        "rerank",
        "classification",
      ];
      expect(tasks.filter((task) => adapter && task in adapter && Reflect.get(adapter, task) !== undefined)).toEqual(
        tasks.filter((task) => info.tasks.some((one) => one === task)),
      );
    },
  );

  test("knows no adapter of another name", async () => {
    expect(await loadAdapter("constructor")).toBeUndefined();
  });

  test("every provider of text is in the conformance table", () => {
    const held = new Set(conforming.map(({ adapter }) => adapter.provider));
    for (const { provider, tasks } of providerList) if (tasks.includes("text")) expect(held).toContain(provider);
  });

  test("every provider of media is in the conformance table, task by task", () => {
    const held = new Set(conformingMedia.map(({ provider, task }) => `${provider} ${task}`));
    // No simulator plays it: its documents are all there is.
    held.add("google music");
    const media = ["image", "video", "speech", "transcription", "music"];
    for (const { provider, tasks } of providerList)
      for (const task of tasks) if (media.includes(task)) expect(held).toContain(`${provider} ${task}`);
  });

  test("what a provider is said not to be called for is in the catalog, and has no adapter", async () => {
    const catalog = openCatalog(await shippedRows());
    for (const { provider } of providerList) {
      const adapter = await loadAdapter(provider);
      for (const id of Object.keys(adapter?.uncallable ?? {})) {
        const model = catalog.find(`${provider}/${id}`);
        expect(model?.id).toBe(`${provider}/${id}`);
        const doing = model && (Reflect.get(adapter ?? {}, model.task) as ((one: typeof model) => unknown) | undefined);
        expect(model && doing?.(model)).toBeUndefined();
      }
    }
  });

  test("every text model in the catalog can be asked", async () => {
    for (const { provider } of providerList) {
      const adapter = await loadAdapter(provider);
      for (const model of openCatalog(await shippedRows()).search({ provider, task: "text" })) {
        const request = adapter?.text?.request(ask("Hi"), model, credentials);
        expect(JSON.parse(String(request?.body))).toBeTypeOf("object");
      }
    }
  });

  test("fills a base URL from the environment and says what is missing", () => {
    const url = "https://api.test/accounts/{ACCOUNT}/ai";
    expect(fillBaseUrl(url, (name) => (name === "ACCOUNT" ? "a/b" : undefined))).toEqual({
      baseUrl: "https://api.test/accounts/a%2Fb/ai",
    });
    expect(fillBaseUrl(url, () => undefined)).toEqual({ missing: "ACCOUNT" });
  });
});

describe("what a model takes", () => {
  test("is what its adapter does not refuse", () => {
    if (!openai.text || !anthropic.text) throw new Error("no text");
    expect(acceptedTextParams(openai.text, card("openai/gpt-5.1"))).toMatchObject({
      properties: {
        max_output_tokens: { maximum: 64_000 },
        temperature: { description: 'Only with reasoning_effort "none"' },
        reasoning_effort: { enum: ["none", "minimal", "low", "medium", "high", "max"] },
      },
    });
    const sonnet = acceptedTextParams(anthropic.text, card("anthropic/claude-sonnet-5-5")).properties;
    expect(Object.keys(sonnet as object)).toEqual(["max_output_tokens", "stop", "reasoning_effort"]);
  });
});

test("docs/providers.md is current (node scripts/provider-table.ts)", async () => {
  expect(await readFile(new URL("../../docs/providers.md", import.meta.url), "utf8")).toBe(await providersPage());
});
