import { describe, expect, it } from "vitest";
import { memoryLimits } from "../../src/core/limits.ts";
import { openTestMemory } from "./open.ts";

describe("memory as MCP resources", () => {
  it("lists the profiles that the caller may read", async () => {
    const { memory, caller } = openTestMemory();
    for (const profile of ["default", "team/é".replace("/", ":"), "secret"]) {
      await memory.remember({ content: "a", profile }, caller);
    }
    const all = await memory.resources(caller);
    expect(all.map((resource) => resource.uri)).toEqual([
      "memory://default",
      "memory://secret",
      "memory://team%3A%C3%A9",
    ]);
    const limited = { ...caller, rights: { ...caller.rights, profiles: ["default"] } };
    expect(await memory.resources(limited)).toHaveLength(1);
    await expect(memory.readResource("memory://secret", limited)).rejects.toMatchObject({ code: "forbidden" });
    expect(await memory.resources({ ...caller, rights: { ...caller.rights, memory: "none" } })).toEqual([]);
    expect((await memory.readResource("memory://team%3A%C3%A9", caller)).text).toContain("team:é");
  });

  it("shows a profile as a page and a memory in full", async () => {
    const { memory, caller } = openTestMemory();
    const { memories } = await memory.remember(
      {
        memories: [
          { content: "Always answer in French", kind: "instruction" },
          { content: "Lisbon", key: "user.city" },
          { content: "line one\nline two", kind: "event", speaker: "Ana" },
        ],
      },
      caller,
    );
    const page = await memory.readResource("memory://default", caller);
    expect(page).toMatchObject({ mimeType: "text/markdown" });
    expect(page.text).toContain("1 facts, 1 instructions, 1 events, 0 tasks");
    expect(page.text).toContain("- Always answer in French (mem_");
    expect(page.text).toContain("- user.city: Lisbon (mem_");
    expect(page.text).toContain("- Ana: line one line two (mem_");
    const id = memories[1]?.id ?? "";
    const item = await memory.readResource(`memory://default/${id}`, caller);
    expect(JSON.parse(item.text)).toMatchObject({ id, content: "Lisbon", key: "user.city" });
  });

  it("cuts a long page", async () => {
    const { memory, caller } = openTestMemory();
    const memories = Array.from({ length: 100 }, (_, index) => ({ content: `${index} ${"word ".repeat(200)}` }));
    await memory.remember({ memories }, caller);
    const instructions = memories.map((item) => ({ ...item, kind: "instruction" as const }));
    await memory.remember({ memories: instructions }, caller);
    const { text } = await memory.readResource("memory://default", caller);
    expect(text.length).toBeLessThan(memoryLimits.resourceCharactersMax + 100);
    expect(text).toContain("cut: use memory.list");
  });

  it.each([
    "memory://",
    "memory:///x",
    "memory://nobody",
    "memory://default/mem_none",
    "memory://a/b/c",
    "memory://%E0%A4%A",
    "file:///etc/passwd",
  ])("answers not found to %s", async (uri) => {
    const { memory, caller } = openTestMemory();
    await memory.remember({ content: "a" }, caller);
    await expect(memory.readResource(uri, caller)).rejects.toMatchObject({ code: "not_found" });
  });
});
