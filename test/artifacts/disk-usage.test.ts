import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskUsage } from "../../src/artifacts/store/disk-usage.ts";
import { systemClock } from "../../src/core/clock.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { temporaryDirectory } from "./support/workbench.ts";

test("room on the disk is what is written here, what others wrote a while ago, and measured anew before a refusal", () => {
  const directory = temporaryDirectory();
  let ms = 0;
  const usage = new DiskUsage(directory, { ...systemClock, monotonicMs: () => ms });
  mkdirSync(join(directory, "pack"));
  writeFileSync(join(directory, "pack", "a"), Buffer.alloc(600));
  expect(usage.hasRoom(400, 1_000)).toBe(true);
  expect(usage.hasRoom(401, 1_000)).toBe(false);
  usage.add(400);
  writeFileSync(join(directory, "b"), Buffer.alloc(400));
  expect(usage.hasRoom(1, 1_000)).toBe(false);
  rmSync(join(directory, "b"));
  expect(usage.hasRoom(400, 1_000)).toBe(true);
  writeFileSync(join(directory, "others"), Buffer.alloc(400));
  expect(usage.hasRoom(400, 1_000)).toBe(true);
  ms += artifactLimits.usageStaleMs;
  expect(usage.hasRoom(1, 1_000)).toBe(true);
  ms += 1;
  expect(usage.hasRoom(1, 1_000)).toBe(false);
});
