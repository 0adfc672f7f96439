import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { contentsOf, openTestMemory } from "./open.ts";

describe("remember", () => {
  it("keeps a memory that recall finds again after a restart", async () => {
    const first = openTestMemory();
    const { memories } = await first.memory.remember(
      { content: "The staging database runs on port 5433" },
      first.caller,
    );
    expect(memories).toEqual([{ id: expect.stringMatching(/^mem_[0-9a-z]{26}$/), status: "created" }]);
    await first.memory.close();

    const second = openTestMemory({ directory: first.directory });
    const found = await second.memory.recall({ query: "which port does the staging database use?" }, second.caller);
    expect(found.memories[0]).toMatchObject({
      id: memories[0]?.id,
      content: "The staging database runs on port 5433",
      kind: "fact",
      profile: "default",
      remembered_at: "2026-06-01T12:00:00.000Z",
      provenance: { via: "remember" },
    });
    expect(found.memories[0]?.why.join()).toContain("staging");
  });

  it("answers duplicate with the same id when the same memory comes again", async () => {
    const { memory, caller } = openTestMemory();
    const first = await memory.remember({ content: "Ana prefers tea" }, caller);
    const again = await memory.remember(
      { memories: [{ content: "Ana prefers tea" }, { content: "Ana prefers tea" }] },
      caller,
    );
    expect(again.memories).toEqual([
      { id: first.memories[0]?.id, status: "duplicate" },
      { id: first.memories[0]?.id, status: "duplicate" },
    ]);
    expect((await memory.list({}, caller)).memories).toHaveLength(1);
  });

  it("takes the same words in another session for another memory", async () => {
    const { memory, caller } = openTestMemory();
    const { memories } = await memory.remember(
      {
        memories: [
          { content: "Deployed", session: "a" },
          { content: "Deployed", session: "b" },
        ],
      },
      caller,
    );
    expect(memories.map((item) => item.status)).toEqual(["created", "created"]);
  });

  it("lets a new memory under a key supersede the old one and keeps the chain", async () => {
    const { memory, caller, clock } = openTestMemory();
    const berlin = await memory.remember({ content: "Ana lives in Berlin", key: "ana.city" }, caller);
    clock.advance(1000);
    const porto = await memory.remember({ content: "Ana lives in Porto", key: "Ana.City" }, caller);
    expect(porto.memories).toEqual([
      { id: expect.any(String), status: "superseded", supersedes: berlin.memories[0]?.id },
    ]);
    expect(contentsOf(await memory.recall({ query: "where does Ana live" }, caller))).toEqual(["Ana lives in Porto"]);
    const history = await memory.list({ key: "ana.city", include_superseded: true }, caller);
    expect(history.memories).toMatchObject([
      { content: "Ana lives in Porto", supersedes: berlin.memories[0]?.id },
      {
        content: "Ana lives in Berlin",
        ended: "superseded",
        ended_at: "2026-06-01T12:00:01.000Z",
        superseded_by: porto.memories[0]?.id,
      },
    ]);
  });

  it("makes an old statement current again as a new version when it is stated again", async () => {
    const { memory, caller } = openTestMemory();
    const first = await memory.remember({ content: "blue", key: "colour" }, caller);
    await memory.remember({ content: "green", key: "colour" }, caller);
    const third = await memory.remember({ content: "blue", key: "colour" }, caller);
    expect(third.memories[0]?.status).toBe("superseded");
    expect(third.memories[0]?.id).not.toBe(first.memories[0]?.id);
    expect(contentsOf(await memory.list({ key: "colour" }, caller))).toEqual(["blue"]);
    expect((await memory.list({ key: "colour", include_superseded: true }, caller)).memories).toHaveLength(3);
  });

  it("keeps a conversation verbatim and knows it again when it is sent again with more", async () => {
    const { memory, caller } = openTestMemory();
    const talk = [
      { role: "user", content: "My dog is called Pixel.", at: "2026-05-01T10:00:00Z" },
      { role: "assistant", content: "ok" },
      { role: "user", content: "He is three." },
      { role: "assistant", content: "ok" },
    ];
    const first = await memory.remember({ messages: talk }, caller);
    expect(first.memories.map((item) => item.status)).toEqual(["created", "created", "created", "created"]);
    const again = await memory.remember({ messages: [...talk, { role: "user", content: "Bye" }] }, caller);
    expect(again.memories.map((item) => item.status)).toEqual([
      "duplicate",
      "duplicate",
      "duplicate",
      "duplicate",
      "created",
    ]);
    expect(again.session).toBe(first.session);
    const found = await memory.recall({ query: "what is the dog's name", neighbours: 1 }, caller);
    expect(found.memories[0]).toMatchObject({
      content: "My dog is called Pixel.",
      kind: "event",
      speaker: "user",
      session: first.session,
      occurred_at: "2026-05-01T10:00:00.000Z",
      neighbours: [{ offset: 1, content: "ok", speaker: "assistant" }],
    });
  });

  it("hides a memory once it has expired, and extends it when it is said again without an end", async () => {
    const { memory, caller, clock } = openTestMemory();
    const fields = { content: "The door code is 4711" };
    await memory.remember({ memories: [{ ...fields, expires_at: "2026-06-02" }] }, caller);
    expect((await memory.recall({ query: "door code" }, caller)).memories).toHaveLength(1);
    clock.advance(86_400_000);
    expect((await memory.recall({ query: "door code" }, caller)).memories).toHaveLength(0);
    expect((await memory.list({}, caller)).memories).toHaveLength(0);
    expect((await memory.list({ include_superseded: true }, caller)).memories).toMatchObject([{ ended: "expired" }]);
    await memory.remember(fields, caller);
    expect((await memory.recall({ query: "door code" }, caller)).memories).toHaveLength(1);
  });

  it("keeps metadata, speaker and who wrote it", async () => {
    const { memory } = openTestMemory();
    const caller = {
      workspace: "w",
      key: "key_1",
      rights: { memory: "write", artifacts: "none", sandbox: false },
    } as const;
    const item = {
      content: "x y z",
      speaker: "Ana",
      metadata: { b: [1, { deep: null }], a: "é" },
      generation: "gen_1",
    };
    await memory.remember({ memories: [item] }, caller);
    expect((await memory.list({}, caller)).memories[0]).toMatchObject({
      speaker: "Ana",
      metadata: { b: [1, { deep: null }], a: "é" },
      provenance: { key: "key_1", via: "remember", generation: "gen_1" },
    });
  });

  it.each([
    ["a NUL character", { content: "a\0b" }, "NUL"],
    ["half a surrogate pair", { content: "a\ud800b" }, "surrogate"],
    ["an empty text", { content: "  \n" }, "empty"],
    ["no text at all", {}, "exactly one"],
    ["text and messages", { content: "a", messages: [{ role: "user", content: "b" }] }, "exactly one"],
    ["an empty list", { memories: [] }, "nothing to remember"],
    ["a date that does not parse", { memories: [{ content: "a", occurred_at: "next tuesday" }] }, "is not a date"],
    ["a day that does not exist", { memories: [{ content: "a", occurred_at: "2026-02-30" }] }, "is not a date"],
    [
      "an hour that does not exist",
      { memories: [{ content: "a", occurred_at: "2026-02-03T25:00:00Z" }] },
      "is not a date",
    ],
    ["a key beside several memories", { key: "k", memories: [{ content: "a" }] }, "key"],
  ])("refuses %s and keeps nothing", async (_what, args, words) => {
    const { memory, caller } = openTestMemory();
    await expect(memory.remember(args, caller)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(words),
    });
    expect((await memory.list({}, caller)).memories).toEqual([]);
  });

  it("refuses a megabyte of text, and one character more than the bound, and takes the bound itself", async () => {
    const { memory, caller } = openTestMemory();
    const most = memoryLimits.contentCharactersMax;
    for (const length of [1_048_576, most + 1]) {
      await expect(memory.remember({ content: "a".repeat(length) }, caller)).rejects.toMatchObject({
        code: "too_large",
      });
    }
    await memory.remember({ content: "a".repeat(most) }, caller);
    expect((await memory.list({}, caller)).memories).toMatchObject([{ truncated: true }]);
  });

  it("refuses more memories or characters in one call than the bounds, and keeps none of them", async () => {
    const { memory, caller } = openTestMemory();
    const many = Array.from({ length: memoryLimits.memoriesPerCallMax + 1 }, (_, index) => ({ content: `m${index}` }));
    await expect(memory.remember({ memories: many }, caller)).rejects.toMatchObject({ code: "too_large" });
    const heavy = Array.from({ length: 33 }, (_, index) => ({ content: `${index}`.padEnd(32_000, "x") }));
    await expect(memory.remember({ memories: heavy }, caller)).rejects.toMatchObject({ code: "too_large" });
    const label = { content: "a", session: "s".repeat(memoryLimits.labelCharactersMax + 1) };
    await expect(memory.remember(label, caller)).rejects.toMatchObject({ code: "too_large" });
    const metadata = { text: "m".repeat(memoryLimits.metadataBytesMax) };
    await expect(memory.remember({ memories: [{ content: "a", metadata }] }, caller)).rejects.toMatchObject({
      code: "too_large",
    });
    expect((await memory.list({}, caller)).memories).toEqual([]);
  });

  it("keeps nothing of a call that was cancelled before it began", async () => {
    const { memory, caller } = openTestMemory();
    const controller = new AbortController();
    controller.abort();
    await expect(memory.remember({ content: "a" }, caller, { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect((await memory.list({}, caller)).memories).toEqual([]);
  });

  it("keeps every memory of many calls at once", async () => {
    const { memory, caller } = openTestMemory();
    await Promise.all(Array.from({ length: 300 }, (_, index) => memory.remember({ content: `note ${index}` }, caller)));
    const first = await memory.list({ limit: 200 }, caller);
    const second = await memory.list({ limit: 200, cursor: first.next_cursor }, caller);
    expect(new Set(contentsOf({ memories: [...first.memories, ...second.memories] })).size).toBe(300);
  });
});
