import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { providerList } from "../../src/providers/registry.ts";
import { commandFile } from "../support/world.ts";

const run = promisify(execFile);
/** What the simulators do not play. */
const unplayed = new Set(["google music", "groq moderation", "workers-ai moderation", "workers-ai classification"]);

describe("switchyard demo", () => {
  it("does every step that it says, without any key", async () => {
    const { stdout } = await run(process.execPath, [commandFile, "demo"], {
      env: { PATH: process.env.PATH ?? "" },
      timeout: 120_000,
    });
    expect(stdout).not.toContain("✗");
    expect(stdout).toMatch(/All \d+ steps did what they say\./);
    expect(stdout).toContain("SIMULATED");
    // Every provider, each of its modalities with what it cost.
    for (const { provider, tasks } of providerList) {
      const line = stdout.split("\n").find((one) => one.trim().startsWith(`${provider} `)) ?? "";
      expect(line, provider).toMatch(/\$\d/);
      expect(tasks.filter((task) => !unplayed.has(`${provider} ${task}`) && !line.includes(`${task} $`))).toEqual([]);
    }
  }, 120_000);
});
