import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { contentsOf, openTestMemory } from "./open.ts";

const notes = [
  "The deploy key for the blog lives in the vault under blog/deploy",
  "Maria adopted a grey kitten called Ash",
  "The quarterly report is due on the 14th",
  "Kubernetes upgrade went badly because of a webhook timeout",
];

async function withNotes() {
  const opened = openTestMemory();
  await opened.memory.remember({ memories: notes.map((content) => ({ content })) }, opened.caller);
  return opened;
}

describe("recall", () => {
  it.each([
    ["What is the name of Maria's cat... I mean kitten?", notes[1]],
    ["why was upgrading kubernetes bad?", notes[3]],
    ["reports", notes[2]],
    ["deploy key", notes[0]],
  ])("finds the answer to %j first", async (query, expected) => {
    const { memory, caller } = await withNotes();
    expect(contentsOf(await memory.recall({ query }, caller))[0]).toBe(expected);
  });

  it.each([
    '"',
    '"unclosed deploy',
    "deploy AND",
    "NEAR(deploy key",
    "deploy*",
    "body: deploy",
    "-deploy",
    "(deploy OR key",
    "^deploy + key",
    "deploy \0 \ud800 key",
    "'; DROP TABLE memories; --",
    "{deploy key}:",
  ])("takes %j for words, not for operators", async (query) => {
    const { memory, caller } = await withNotes();
    const found = contentsOf(await memory.recall({ query }, caller));
    if (query.includes("deploy")) expect(found[0]).toBe(notes[0]);
  });

  it("answers nothing to a query of marks alone, of words nobody used, and in a profile nobody wrote to", async () => {
    const { memory, caller } = await withNotes();
    for (const query of ["!!! ???", "xylophone"]) expect((await memory.recall({ query }, caller)).memories).toEqual([]);
    expect((await memory.recall({ query: "deploy", profile: "other" }, caller)).memories).toEqual([]);
  });

  it("refuses an empty query, one too long, a limit too high, and a date that does not parse", async () => {
    const { memory, caller } = await withNotes();
    const refused = { code: "invalid_request" };
    await expect(memory.recall({ query: "  " }, caller)).rejects.toMatchObject(refused);
    await expect(
      memory.recall({ query: "q".repeat(memoryLimits.queryCharactersMax + 1) }, caller),
    ).rejects.toMatchObject({ code: "too_large" });
    for (const extra of [
      { limit: memoryLimits.recallLimitMax + 1 },
      { neighbours: memoryLimits.neighboursMax + 1 },
      { since: "yesterday" },
      { as_of: "2026-13-01" },
      { profiles: Array.from({ length: memoryLimits.profilesPerRecallMax + 1 }, (_, index) => `p${index}`) },
      { profile: "a", profiles: ["b"] },
    ]) {
      await expect(memory.recall({ query: "deploy", ...extra }, caller)).rejects.toMatchObject(refused);
    }
  });

  it("finds a turn by words of the turns around it, but only within its session", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      {
        memories: [
          { content: "Where did you go sailing?", session: "a", speaker: "Ben" },
          { content: "Near Split, with my brother.", session: "a", speaker: "Ana" },
          { content: "Nothing much happened.", session: "b" },
        ],
      },
      caller,
    );
    const found = contentsOf(await memory.recall({ query: "sailing" }, caller));
    expect(found).toContain("Near Split, with my brother.");
    expect(found).not.toContain("Nothing much happened.");
  });

  it("prefers the speaker that the query names", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      {
        memories: [
          { content: "I started painting last year", speaker: "Melanie", session: "a" },
          { content: "Painting is fun, I paint too", speaker: "Caroline", session: "b" },
          { content: "Dinner is at eight", speaker: "Melanie", session: "c" },
          { content: "The train was late again", speaker: "Caroline", session: "d" },
        ],
      },
      caller,
    );
    const [first] = (await memory.recall({ query: "Has Melanie been painting?" }, caller)).memories;
    expect(first?.speaker).toBe("Melanie");
    expect(first?.why).toContain("speaker: Melanie");
  });

  it("puts the memory whose key is asked for first", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember({ content: "editor theme editor theme editor theme discussion" }, caller);
    await memory.remember({ content: "solarized", key: "editor.theme" }, caller);
    const [first] = (await memory.recall({ query: "editor.theme" }, caller)).memories;
    expect(first).toMatchObject({ content: "solarized", why: expect.arrayContaining(["key: editor.theme"]) });
  });

  it("filters by kind, session and time", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      {
        memories: [
          { content: "lunch one", kind: "event", session: "a", occurred_at: "2026-01-10" },
          { content: "lunch two", kind: "task", session: "b", occurred_at: "2026-02-10T23:59:59.999Z" },
        ],
      },
      caller,
    );
    const ask = async (extra: object) => contentsOf(await memory.recall({ query: "lunch", ...extra }, caller));
    expect(await ask({ kinds: ["task"] })).toEqual(["lunch two"]);
    expect(await ask({ session: "a" })).toEqual(["lunch one"]);
    expect(await ask({ since: "2026-01-11" })).toEqual(["lunch two"]);
    expect(await ask({ until: "2026-02-09" })).toEqual(["lunch one"]);
    expect(await ask({ since: "2026-02-10", until: "2026-02-10" })).toEqual(["lunch two"]);
  });

  it("answers as of a moment with what was believed then", async () => {
    const { memory, caller, clock } = openTestMemory();
    await memory.remember({ content: "The lead is Ana", key: "lead" }, caller);
    clock.advance(10_000);
    await memory.remember({ content: "The lead is Ben", key: "lead" }, caller);
    const then = "2026-06-01T12:00:05Z";
    expect(contentsOf(await memory.recall({ query: "who is the lead", as_of: then }, caller))).toEqual([
      "The lead is Ana",
    ]);
    expect(contentsOf(await memory.recall({ query: "who is the lead" }, caller))).toEqual(["The lead is Ben"]);
    expect(contentsOf(await memory.recall({ query: "lead", as_of: "2026-05-31" }, caller))).toEqual([]);
  });

  it("keeps within a budget of tokens", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      { memories: [{ content: `apple ${"long ".repeat(100)}` }, { content: "apple pie" }] },
      caller,
    );
    expect(contentsOf(await memory.recall({ query: "apple pie", max_tokens: 10 }, caller))).toEqual(["apple pie"]);
  });

  it.each([
    ["accents left out", "La réunion est à Orléans", "reunion orleans"],
    ["accents put in", "El niño vive en Malaga", "Málaga"],
    ["German without a stem", "Die Lieblingsfarbe meiner Mutter ist grün", "Lieblingsfarbe Mutter grun"],
    ["Japanese", "私の猫の名前はタマです", "猫の名前"],
    ["Chinese", "我们下周在上海开会", "上海"],
    ["a single Chinese character", "他养了一只猫", "猫"],
    ["Korean with another ending", "고양이가 소파를 좋아해요", "고양이는"],
    ["Thai", "ฉันชอบกินข้าวผัด", "ข้าวผัด"],
    ["Russian", "Мой поезд уходит в пять", "поезд"],
    ["full-width letters", "ＷｉＦｉ password is hunter2", "wifi"],
    ["a German plural", "Die Katze schläft", "Wo sind die Katzen?"],
    ["a Russian case", "Мы живём в Москве", "Москва"],
    ["a Spanish plural", "Tengo un gato negro", "gatos negros"],
    ["a word mistyped at its end", "The Kubernetes upgrade failed", "kubernetis"],
    ["an irregular form", "We went to the lake", "did you go to the lake"],
    ["an identifier", "Use gpt-5.4-mini for triage", "gpt 5.4 mini"],
    ["a name in camelCase", "getUserProfile throws on null", "user profile"],
  ])("finds %s", async (_what, content, query) => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      { memories: [{ content }, { content: "unrelated filler sentence" }, { content: "другое" }] },
      caller,
    );
    expect(contentsOf(await memory.recall({ query }, caller))[0]).toBe(content);
  });
});

it("finds a synonym, after the word itself, and says so", async () => {
  const { memory, caller } = openTestMemory();
  const contents = ["Her car is red", "The automobile club meets on Fridays", "The garden needs water"];
  await memory.remember({ memories: contents.map((content) => ({ content })) }, caller);
  const { memories } = await memory.recall({ query: "automobile" }, caller);
  expect(memories.map((item) => [item.content, item.why])).toEqual([
    ["The automobile club meets on Fridays", ["words: automobile"]],
    ["Her car is red", ["similar words"]],
  ]);
});

it("merges profiles by how well each answers, not by how each ranks its own", async () => {
  const { memory, caller } = openTestMemory();
  const filler = Array.from({ length: 200 }, (_, index) => ({
    content: `meeting note ${index} about the harbour budget`,
  }));
  await memory.remember({ profile: "large", memories: filler }, caller);
  await memory.remember({ profile: "small", content: "The harbour budget was signed by Ingrid" }, caller);
  const query = "who signed the harbour budget";
  const { memories } = await memory.recall({ query, profiles: ["large", "small"], limit: 3 }, caller);
  expect(memories[0]).toMatchObject({ profile: "small" });
  expect(memories.map((item) => item.profile)).toContain("large");
});

describe("near-duplicates", () => {
  it("collapse into the best of them, which names the others", async () => {
    const { memory, caller } = openTestMemory();
    const { memories } = await memory.remember(
      {
        memories: [
          { content: "The user prefers dark roast coffee" },
          { content: "User prefers dark roast coffee." },
          { content: "the user PREFERS: dark-roast coffee!" },
          { content: "The user prefers light roast tea" },
        ],
      },
      caller,
    );
    const found = await memory.recall({ query: "dark roast coffee", limit: 10 }, caller);
    expect(found.memories).toHaveLength(2);
    expect(found.memories[0]?.duplicates).toHaveLength(2);
    expect([found.memories[0]?.id, ...(found.memories[0]?.duplicates ?? [])].sort()).toEqual(
      memories
        .slice(0, 3)
        .map((item) => item.id)
        .sort(),
    );
  });

  it.each([
    ["a number", "The staging server listens on port 8080", "The staging server listens on port 8081"],
    ["a negation", "The deploy job is allowed on Fridays", "The deploy job is not allowed on Fridays"],
    [
      "a name",
      "The long weekly report of the data team goes to Alice",
      "The long weekly report of the data team goes to Bob",
    ],
    ["a word", "Ana likes green tea", "Ana likes black tea"],
  ])("stay apart when %s differs", async (_what, one, other) => {
    const { memory, caller } = openTestMemory();
    await memory.remember({ memories: [{ content: one }, { content: other }] }, caller);
    expect((await memory.recall({ query: one }, caller)).memories).toHaveLength(2);
  });

  it("stay apart when different people said them, or on different days where the question is of time", async () => {
    const { memory, caller } = openTestMemory();
    const content = "went for a long run";
    await memory.remember(
      {
        memories: [
          { content, speaker: "Ana", occurred_at: "2026-01-01" },
          { content, speaker: "Ana", occurred_at: "2026-01-05" },
          { content, speaker: "Ben", occurred_at: "2026-01-05" },
        ],
      },
      caller,
    );
    expect((await memory.recall({ query: "long run" }, caller)).memories).toHaveLength(2);
    expect((await memory.recall({ query: "when was a long run" }, caller)).memories).toHaveLength(3);
  });
});

describe("time in a query", () => {
  const trips = [
    { content: "We took the ferry to the island", occurred_at: "2026-03-10" },
    { content: "We took the ferry to the mainland", occurred_at: "2026-05-27" },
    { content: "Bought new shoes", occurred_at: "2026-05-28" },
    { content: "Where are we going by ferry, and when does the ferry leave?" },
  ];

  it.each([
    ["ferry last week", "2026-06-01", trips[1]],
    ["ferry in March 2026", "2026-06-01", trips[0]],
    ["ferry last week", "2026-03-16", trips[0]],
    ["what happened on 28 May 2026?", "2026-06-01", trips[2]],
  ])("makes %j asked on %s find what is of that time", async (query, reference_date, expected) => {
    const { memory, caller } = openTestMemory();
    await memory.remember({ memories: trips }, caller);
    const [first] = (await memory.recall({ query, reference_date }, caller)).memories;
    expect(first?.content).toBe(expected?.content);
    expect(first?.why).toContain("date");
  });

  it("prefers the newest where the newest is asked for, and the oldest where that is", async () => {
    const { memory, caller } = openTestMemory();
    const memories = [1, 2, 3].map((month) => ({
      content: `Benchmark result number ${month}`,
      occurred_at: `2026-0${month}-01`,
    }));
    await memory.remember({ memories }, caller);
    const ask = async (query: string) => contentsOf(await memory.recall({ query }, caller))[0];
    expect(await ask("latest benchmark result")).toBe("Benchmark result number 3");
    expect(await ask("earliest benchmark result")).toBe("Benchmark result number 1");
  });
});

it("an empty list of kinds or profiles means none of them", async () => {
  const { memory, caller } = await withNotes();
  expect((await memory.recall({ query: "deploy", kinds: [] }, caller)).memories).toEqual([]);
  expect((await memory.recall({ query: "deploy", profiles: [] }, caller)).memories).toEqual([]);
  expect((await memory.list({ kinds: [] }, caller)).memories).toEqual([]);
  expect(await memory.forget({ ids: [] }, caller)).toMatchObject({ count: 0, ids: [] });
});
