import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { contentsOf, openTestMemory } from "./open.ts";

async function linesOf({ memory, caller }: ReturnType<typeof openTestMemory>, profile?: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of memory.exportProfile(profile, caller)) lines.push(line);
  return lines;
}

/** Every kind of field and ending there is. */
async function withLife() {
  const opened = openTestMemory();
  const { memory, caller, clock } = opened;
  for (const city of ["Berlin", "Porto", "Berlin"]) {
    await memory.remember({ content: `Ana lives in ${city}`, key: "Ana.city" }, caller);
    clock.advance(1234);
  }
  await memory.remember(
    {
      messages: [
        {
          role: "user",
          name: "Ana",
          content: 'Do you like sailing? 🚢 \u2028 "quoted"\n\ttabbed',
          at: "2026-01-02T03:04:05.678Z",
        },
        { role: "assistant", content: "ok" },
        { role: "user", content: "ok" },
        { role: "user", content: "ok" },
      ],
    },
    caller,
  );
  const metadata = { z: 1, a: { nested: ["é", null, 1.5e300] } };
  await memory.remember(
    { memories: [{ content: "short lived", expires_at: "2026-06-03", metadata, generation: "gen_7", kind: "task" }] },
    caller,
  );
  const { memories } = await memory.remember({ content: "wrong" }, caller);
  await memory.forget({ ids: [memories[0]?.id ?? ""] }, caller);
  return opened;
}

const questions = [
  "where does Ana live",
  "sailing",
  "ok",
  "Ana.city",
  "short lived",
  "what did Ana say in January 2026",
];

describe("export and import", () => {
  it("give the same profile back, line for line, and the same answers", async () => {
    const source = await withLife();
    const lines = await linesOf(source);
    const target = openTestMemory();
    const result = await target.memory.importProfile("copy", lines, target.caller);
    expect(result).toEqual({ imported: lines.length - 1, duplicates: 0, skipped: 0, problems: [] });
    expect((await linesOf(target, "copy")).slice(1)).toEqual(lines.slice(1));
    for (const query of questions) {
      for (const extra of [{}, { as_of: "2026-06-01T12:00:02Z" }, { neighbours: 2 }]) {
        const ours = await source.memory.recall({ query, ...extra }, source.caller);
        const theirs = await target.memory.recall({ query, ...extra, profile: "copy" }, target.caller);
        expect(theirs.memories.map((item) => ({ ...item, profile: "default" }))).toEqual(ours.memories);
      }
    }
  });

  it("store nothing twice when the import is repeated, and the imported memories are known when told again", async () => {
    const source = await withLife();
    const lines = await linesOf(source);
    const target = openTestMemory();
    await target.memory.importProfile(undefined, lines, target.caller);
    const again = await target.memory.importProfile(undefined, lines, target.caller);
    expect(again).toMatchObject({ imported: 0, duplicates: lines.length - 1 });
    const told = await target.memory.remember({ content: "Ana lives in Berlin", key: "ana.city" }, target.caller);
    expect(told.memories[0]?.status).toBe("duplicate");
  });

  it("keep the newer of two memories under one key, whichever was there first", async () => {
    const older = openTestMemory();
    await older.memory.remember({ content: "old", key: "k" }, older.caller);
    const newer = openTestMemory();
    newer.clock.advance(60_000);
    await newer.memory.remember({ content: "new", key: "k" }, newer.caller);
    const [fromOlder, fromNewer] = [await linesOf(older), await linesOf(newer)];
    await older.memory.importProfile(undefined, fromNewer, older.caller);
    await newer.memory.importProfile(undefined, fromOlder, newer.caller);
    for (const { memory, caller } of [older, newer]) {
      expect(contentsOf(await memory.list({ key: "k" }, caller))).toEqual(["new"]);
      const history = await memory.list({ key: "k", include_superseded: true }, caller);
      expect(history.memories.find((item) => item.content === "old")).toMatchObject({ ended: "superseded" });
    }
  });

  it("read the MCP reference memory server's file", async () => {
    const { memory, caller } = openTestMemory();
    const lines = [
      { type: "entity", name: "Ana", entityType: "person", observations: ["Plays the oboe", "Lives in Porto"] },
      { type: "entity", name: "Porto", entityType: "city", observations: [] },
      { type: "relation", from: "Ana", to: "Acme", relationType: "works_at" },
    ].map((line) => JSON.stringify(line));
    const result = await memory.importProfile(undefined, lines, caller);
    expect(result).toMatchObject({ imported: 4, skipped: 0 });
    const [first] = (await memory.recall({ query: "who plays the oboe?" }, caller)).memories;
    expect(first).toMatchObject({
      content: "Ana (person): Plays the oboe",
      metadata: { entity: { name: "Ana", type: "person" } },
      provenance: { via: "import" },
    });
    expect(contentsOf(await memory.recall({ query: "where does Ana work" }, caller))).toContain("Ana works_at Acme");
    expect(await memory.importProfile(undefined, lines, caller)).toMatchObject({ imported: 0, duplicates: 4 });
  });

  it("tell of bad lines and go on with the others", async () => {
    const { memory, caller } = openTestMemory();
    const source = openTestMemory();
    await source.memory.remember({ content: "good" }, source.caller);
    const [head = "", good = ""] = await linesOf(source);
    const bad = [
      "{ not json",
      "[]",
      good.replace('"good"', '"a\\u0000b"'),
      good.replace('"good"', '"\\ud800"'),
      good.replace('"kind":"fact"', '"kind":"rumour"'),
      good.replace(/"remembered_at":"[^"]+"/, '"remembered_at":"yesterday"'),
      JSON.stringify({ type: "entity", name: 5 }),
      `"${"x".repeat(memoryLimits.importLineCharactersMax)}"`,
    ];
    const result = await memory.importProfile(undefined, [head, ...bad, "", good], caller);
    expect(result).toMatchObject({ imported: 1, skipped: bad.length });
    expect(result.problems.map((one) => one.line)).toEqual(bad.map((_, index) => index + 2));
    expect(contentsOf(await memory.list({}, caller))).toEqual(["good"]);
  });

  it("need the right to read, and to write", async () => {
    const opened = openTestMemory();
    const { memory, caller } = opened;
    await memory.remember({ content: "a" }, caller);
    const reader = { ...caller, rights: { ...caller.rights, memory: "read" as const } };
    await expect(memory.importProfile(undefined, [], reader)).rejects.toMatchObject({ code: "forbidden" });
    const none = { ...caller, rights: { ...caller.rights, memory: "none" as const } };
    await expect(linesOf({ ...opened, caller: none })).rejects.toMatchObject({ code: "forbidden" });
    await expect(linesOf(opened, "nobody")).rejects.toMatchObject({ code: "not_found" });
  });
});
