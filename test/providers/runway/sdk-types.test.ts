import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { imageModels } from "../../../src/providers/runway/image-models.ts";
import { videoModels } from "../../../src/providers/runway/video-models.ts";

/** The tables of what Runway's models take, held against the types of its official client. */
const resources = join(dirname(createRequire(import.meta.url).resolve("@runwayml/sdk")), "resources");

/** What the client's types say of each model of an endpoint: the text of its interface. */
async function typesOf(endpoint: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(resources, `${endpoint}.d.ts`), "utf8");
  const found = new Map<string, string>();
  for (const [, body = ""] of text.matchAll(/\n {4}interface \w+ \{([\s\S]*?)\n {4}\}/g)) {
    const model = /\n {8}model: '([^']+)';/.exec(body)?.[1];
    if (model) found.set(model, body);
  }
  return found;
}

/** The members of a field's type that are words, or undefined where there is no such field. */
function wordsOf(body: string, field: string): readonly string[] | undefined {
  const type = new RegExp(`\\n {8}${field}\\??: ([^;]*);`).exec(body)?.[1];
  return type === undefined ? undefined : [...type.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
}

const routes = { text: "text-to-video", image: "image-to-video", video: "video-to-video" } as const;

describe.each(Object.entries(routes))("%s to video", async (source, endpoint) => {
  const types = await typesOf(endpoint);
  const models = Object.entries(videoModels).filter(([, model]) => model[source as keyof typeof routes]);

  test("is served for every model that is asked for it, and no other is left out", () => {
    const left = [...types.keys()].filter((id) => !models.some(([name]) => name === id));
    expect(models.map(([id]) => id).filter((id) => !types.has(id))).toEqual([]);
    expect(left).toEqual([]);
  });

  test.each(models)("%s is asked in words that the client knows", (id, model) => {
    const body = types.get(id) ?? "";
    const route = model[source as keyof typeof routes] ?? {};
    const ratios = [
      ...Object.values(route.pixels ?? {}).flat(),
      ...(route.ratios ?? []),
      ...Object.values(route.auto ?? {}),
      ...(route.adaptive ? [route.adaptive] : []),
    ];
    const known = wordsOf(body, "ratio");
    for (const ratio of ratios) expect(known, ratio).toContain(ratio);
    for (const resolution of route.resolutions ?? []) expect(wordsOf(body, "resolution")).toContain(resolution);
    for (const [field, taken] of [
      ["audio", model.audio],
      ["negativePrompt", model.negativePrompt],
      ["seed", model.seed],
      ["references", route.referencesMax],
      ["promptText", true],
    ] as const) {
      if (taken) expect(wordsOf(body, field), field).toBeDefined();
    }
    expect(/\n {8}promptText\?:/.test(body)).toBe(
      route.wordless === true || (id === "seedance2_5" && source === "text"),
    );
    if (route.ownLength) expect(wordsOf(body, "duration")).toBeUndefined();
    else expect(wordsOf(body, "duration")).toBeDefined();
  });
});

describe("text to image", async () => {
  const types = await typesOf("text-to-image");

  test.each(Object.entries(imageModels))("%s is asked in words that the client knows", (id, model) => {
    const body = types.get(id) ?? "";
    const known = wordsOf(body, "ratio");
    for (const ratio of [...Object.values(model.sizes).flat(), ...Object.values(model.auto ?? {})])
      expect(known, ratio).toContain(ratio);
    for (const quality of model.qualities ?? []) expect(wordsOf(body, "quality")).toContain(quality);
    for (const format of model.formats ?? []) expect(wordsOf(body, "outputFormat")).toContain(format);
    for (const background of model.backgrounds ?? []) expect(wordsOf(body, "background")).toContain(background);
    expect(/\n {8}referenceImages:/.test(body)).toBe(model.needsReference === true);
    expect(wordsOf(body, "outputCount") !== undefined).toBe(model.counts !== undefined);
    expect(wordsOf(body, "seed") !== undefined).toBe(model.seed === true);
  });
});
