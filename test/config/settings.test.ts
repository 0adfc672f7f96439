import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSettingsFile } from "../../src/config/settings-file.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-settings-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const key = (id: string) => ({
  id,
  name: id,
  hash: "0".repeat(64),
  workspace: "default",
  created_at: "2026-01-01T00:00:00.000Z",
  memory: "write" as const,
  artifacts: "write" as const,
  sandbox: true,
});

describe("settings.json", () => {
  it("has defaults when there is no file, and makes none by reading", async () => {
    expect((await openSettingsFile(home).read()).initial_grant).toBe("10");
    expect(await readdir(home)).toEqual([]);
  });

  it.each([
    ["a trailing comma", '{\n  "initial_grant": "10",\n}', /line 3/],
    ["an unknown field", '{\n  "initial_grant": "10",\n  "inital": 1\n}', /inital on line 3/],
    ["a wrong type", '{\n  "keys": [],\n  "initial_grant": 10\n}', /initial_grant on line 3/],
    [
      "a nested field",
      '{\n  "providers": {\n    "openai": {\n      "bass_url": "http://x"\n    }\n  }\n}',
      /providers\.openai\.bass_url on line 4/,
    ],
    [
      "an address that is not HTTP",
      '{"providers":{"openai":{"base_url":"file:///etc/passwd"}}}',
      /providers\.openai\.base_url on line 1/,
    ],
  ])("with %s is refused by line and field, and left as it is", async (_what, text, message) => {
    const file = openSettingsFile(home);
    await writeFile(file.path, text);
    await expect(file.read()).rejects.toThrowError(message);
    await expect(file.update(() => undefined)).rejects.toThrowError(message);
    expect(await readFile(file.path, "utf8")).toBe(text);
  });

  it("is readable by its owner alone, because it may hold keys", async () => {
    const file = openSettingsFile(home);
    await file.update((settings) => void settings.keys.push(key("key_a")));
    expect((await stat(file.path)).mode & 0o077).toBe(0);
    expect((await readdir(home)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("loses no change of four processes that write it at once", async () => {
    const script = join(import.meta.dirname, "settings-writer.ts");
    const writers = Array.from({ length: 4 }, (_, at) => fork(script, [home, `w${at}`, "5"], { execArgv: [] }));
    const codes = await Promise.all(writers.map(async (writer) => (await once(writer, "exit"))[0] as number));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect((await openSettingsFile(home).read()).keys).toHaveLength(20);
  });
});
