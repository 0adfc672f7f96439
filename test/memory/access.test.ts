import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller, Rights } from "../../src/core/caller.ts";
import { fileName, nameOfFile } from "../../src/memory/profile-name.ts";
import { contentsOf, openTestMemory } from "./open.ts";

function callerWith(rights: Partial<Rights>, workspace = "team"): Caller {
  return { workspace, key: "key_1", rights: { memory: "write", artifacts: "none", sandbox: false, ...rights } };
}

describe("rights", () => {
  it("forbids every verb to a key without memory, and writing to a key that may read", async () => {
    const { memory } = openTestMemory();
    const forbidden = { code: "forbidden" };
    await memory.remember({ content: "shared" }, callerWith({}));
    const none = callerWith({ memory: "none" });
    await expect(memory.remember({ content: "a" }, none)).rejects.toMatchObject(forbidden);
    await expect(memory.recall({ query: "a" }, none)).rejects.toMatchObject(forbidden);
    await expect(memory.list({}, none)).rejects.toMatchObject(forbidden);
    const reader = callerWith({ memory: "read" });
    await expect(memory.remember({ content: "a" }, reader)).rejects.toMatchObject(forbidden);
    await expect(memory.forget({ all: true }, reader)).rejects.toMatchObject(forbidden);
    expect(contentsOf(await memory.recall({ query: "shared" }, reader))).toEqual(["shared"]);
  });

  it("limits a key to its profiles, in every place a profile can be named", async () => {
    const { memory } = openTestMemory();
    const limited = callerWith({ profiles: ["mine"] });
    await memory.remember({ content: "in mine", profile: "mine" }, limited);
    const forbidden = { code: "forbidden" };
    await expect(memory.remember({ content: "a" }, limited)).rejects.toMatchObject(forbidden);
    await expect(memory.recall({ query: "a", profiles: ["mine", "other"] }, limited)).rejects.toMatchObject(forbidden);
    await expect(memory.forget({ all: true, profile: "MINE" }, limited)).rejects.toMatchObject(forbidden);
    await expect(memory.list({ profile: "other" }, limited)).rejects.toMatchObject(forbidden);
  });

  it("keeps workspaces apart", async () => {
    const { memory } = openTestMemory();
    await memory.remember({ content: "ours" }, callerWith({}, "one"));
    expect((await memory.recall({ query: "ours" }, callerWith({}, "two"))).memories).toEqual([]);
  });
});

describe("profile names", () => {
  it.each(["", "a/b", "..\\b", "a\u0007", " a", "x".repeat(65), "é".repeat(33), "\ud800"])(
    "refuses %j with a clear error",
    async (profile) => {
      const { memory, caller, directory } = openTestMemory();
      await expect(memory.remember({ content: "a", profile }, caller)).rejects.toMatchObject({
        code: "invalid_request",
        details: { field: "profile" },
      });
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it.each(["..", ".", "CON", "con", "nul", "Alice", "alice", "a.b@c.d:e", "猫", "%2e%2e"])(
    "keeps %j inside the directory",
    async (profile) => {
      const { memory, caller, directory } = openTestMemory();
      await memory.remember({ content: "kept", profile }, caller);
      expect(readdirSync(directory)).toEqual(["default"]);
      expect(contentsOf(await memory.list({ profile }, caller))).toEqual(["kept"]);
    },
  );

  it("takes composed and decomposed letters for the same name", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember({ content: "kept", profile: "re\u0301mi" }, caller);
    expect((await memory.list({ profile: "r\u00e9mi" }, caller)).memories).toHaveLength(1);
  });

  it("gives every name a file of its own, also where case does not count, and reads the name back", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed());
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(nameOfFile(fileName(a))).toBe(a);
        expect(fileName(a)).toMatch(/^[a-z0-9_%A-F-]+$/);
        expect(fileName(a).toLowerCase() === fileName(b).toLowerCase()).toBe(a === b);
      }),
    );
  });
});
