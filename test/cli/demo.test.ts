import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { commandFile } from "../support/world.ts";

const run = promisify(execFile);

describe("switchyard demo", () => {
  it("does every step that it says, without any key", async () => {
    const { stdout } = await run(process.execPath, [commandFile, "demo"], {
      env: { PATH: process.env.PATH ?? "" },
      timeout: 120_000,
    });
    expect(stdout).not.toContain("✗");
    expect(stdout).toMatch(/All \d+ steps did what they say\./);
    expect(stdout).toContain("SIMULATED");
  }, 120_000);
});
