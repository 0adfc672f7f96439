import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { tour } from "../../src/cli/demo/tour.data.ts";
import { providerList } from "../../src/providers/registry.ts";
import { commandFile } from "../support/world.ts";

const run = promisify(execFile);
/** Models end on their day, and are left out from then on. */
const catalog = openCatalog(await shippedRows(), new Date().toISOString().slice(0, 10));
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
      const asked = new Set(tour[provider]?.map(([task]) => task));
      expect(tasks.filter((task) => !unplayed.has(`${provider} ${task}`) && !asked.has(task))).toEqual([]);
      const going = tour[provider]?.filter(([, model]) => catalog.find(`${provider}/${model}`)?.status !== "ended");
      expect(going?.map(([task]) => task).filter((task) => !line.includes(`${task} $`))).toEqual([]);
    }
  }, 120_000);
});
