import { describe, expect, it } from "vitest";
import { contentsOf, openTestMemory } from "./open.ts";

describe("list", () => {
  it("pages through everything once, newest first, while memories are added", async () => {
    const { memory, caller } = openTestMemory();
    const memories = Array.from({ length: 25 }, (_, index) => ({ content: `note ${index}` }));
    await memory.remember({ memories }, caller);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await memory.list({ limit: 10, cursor }, caller);
      seen.push(...contentsOf(page));
      cursor = page.next_cursor;
      await memory.remember({ content: `late ${seen.length}` }, caller);
    } while (cursor !== undefined);
    expect(seen).toEqual(memories.map((item) => item.content).reverse());
  });

  it("filters by kind, session and key", async () => {
    const { memory, caller } = openTestMemory();
    await memory.remember(
      { memories: [{ content: "a", kind: "task", session: "s" }, { content: "b", key: "k" }, { content: "c" }] },
      caller,
    );
    expect(contentsOf(await memory.list({ kinds: ["task"] }, caller))).toEqual(["a"]);
    expect(contentsOf(await memory.list({ session: "s" }, caller))).toEqual(["a"]);
    expect(contentsOf(await memory.list({ key: "K" }, caller))).toEqual(["b"]);
  });

  it("gives one memory in full by its id", async () => {
    const { memory, caller } = openTestMemory();
    const content = "long ".repeat(1000);
    const { memories } = await memory.remember({ content }, caller);
    expect((await memory.list({}, caller)).memories[0]).toMatchObject({ truncated: true });
    expect(contentsOf(await memory.list({ id: memories[0]?.id }, caller))).toEqual([content]);
  });

  it.each(["x", "m1-", "m1-!", "m1-zzzzzzzzzzzz"])("refuses the cursor %j", async (cursor) => {
    const { memory, caller } = openTestMemory();
    await expect(memory.list({ cursor }, caller)).rejects.toMatchObject({ code: "invalid_request" });
  });
});
