import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTestMemory } from "./open.ts";
import { runWriter } from "./process.ts";

async function allIds({ memory, caller }: ReturnType<typeof openTestMemory>): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await memory.list({ limit: 200, cursor }, caller);
    for (const item of page.memories) ids.add(item.id);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return ids;
}

describe("several processes on one profile", () => {
  it("lose nothing when eight of them remember at once", async () => {
    const opened = openTestMemory();
    const names = Array.from({ length: 8 }, (_, index) => `process${index}`);
    const { directory } = opened;
    const ran = await Promise.all(names.map((name) => runWriter({ directory, name, remember: 40 })));
    const acknowledged = ran.flatMap(({ lines }) => lines.map((line) => line.remembered));
    expect(acknowledged).toHaveLength(8 * 40);
    expect(await allIds(opened)).toEqual(new Set(acknowledged));
    const found = await opened.memory.recall({ query: "process5 note 17" }, opened.caller);
    expect(found.memories[0]?.content.trim()).toBe("process5 note 17");
  });

  it("keep what they keep and erase what they erase when they do both at once", async () => {
    const opened = openTestMemory();
    const { directory } = opened;
    const ran = await Promise.all(
      ["alpha", "omega"].map((name) => runWriter({ directory, name, remember: 30, eraseEach: 5 })),
    );
    const lines = ran.flatMap((one) => one.lines);
    expect(lines.filter((line) => "error" in line)).toEqual([]);
    const kept = lines.flatMap((line) => line.remembered ?? []);
    expect(kept).toHaveLength(48);
    expect(await allIds(opened)).toEqual(new Set(kept));
    await opened.memory.close();
    for (const file of readdirSync(join(directory, "default"))) {
      const bytes = readFileSync(join(directory, "default", file));
      for (const number of [5, 10, 15, 20, 25, 30]) expect(bytes.includes(`alpha note ${number} `)).toBe(false);
    }
  });

  it.skipIf(process.platform === "win32")(
    "say that the disk is full, keep what was acknowledged, and go on when there is space",
    async () => {
      const opened = openTestMemory();
      const { directory } = opened;
      const task = { directory, name: "full", remember: 400, padding: 4_000 };
      // Files of this process may not grow past 1 MiB; the signal is ignored so that the write itself fails.
      const { lines, exitCode } = await runWriter(task, "trap '' XFSZ; ulimit -f 2048");
      expect(exitCode).toBe(0);
      expect(lines.at(-1)).toMatchObject({ error: "unavailable", retryable: true });
      const acknowledged = lines.flatMap((line) => line.remembered ?? []);
      expect(acknowledged.length).toBeGreaterThan(10);
      expect(await allIds(opened)).toEqual(new Set(acknowledged));
      const again = await runWriter({ ...task, remember: acknowledged.length + 5 });
      expect(again.lines.at(-1)).toMatchObject({ remembered: expect.any(String) });
    },
  );
});
