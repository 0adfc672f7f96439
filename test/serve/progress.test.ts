import { expect, test } from "vitest";
import type { Progress } from "../../src/core/caller.ts";
import { serveLimits } from "../../src/core/limits.ts";
import { reportProgress } from "../../src/serve/progress.ts";
import { ManualClock } from "./support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const sent: Progress[] = [];
  const reporter = reportProgress(async (progress) => void sent.push(progress), clock);
  return { clock, sent, reporter, report: (n: number) => reporter.report({ progress: n, message: `at ${n}` }) };
}

test("a burst is thinned to one in the interval and the newest is never lost", async () => {
  const { clock, sent, report } = setUp();
  for (let n = 1; n <= 100; n += 1) report(n);
  expect(sent.map((progress) => progress.progress)).toEqual([1]);
  await clock.advance(serveLimits.progressIntervalMs);
  expect(sent.map((progress) => progress.progress)).toEqual([1, 100]);
});

test("of a text that is being written nothing is lost between two notifications", async () => {
  const { clock, sent, reporter } = setUp();
  const words = Array.from({ length: 30 }, (_, n) => `word${n} `);
  for (const [n, message] of words.entries()) {
    reporter.report({ progress: n + 1, message, isDelta: true });
    await clock.advance(40);
  }
  await reporter.finish();
  expect(sent.length).toBeLessThan(10);
  expect(sent.map((progress) => progress.message).join("")).toBe(words.join(""));
  expect(sent.every((progress) => !("isDelta" in progress))).toBe(true);
});

test("progress that does not rise is not sent, as the protocol demands", async () => {
  const { clock, sent, report } = setUp();
  for (const n of [5, 5, 3, 6]) {
    report(n);
    await clock.advance(serveLimits.progressIntervalMs);
  }
  expect(sent.map((progress) => progress.progress)).toEqual([5, 6]);
});

test("what was held back is sent when the call ends and nothing after it", async () => {
  const { clock, sent, reporter, report } = setUp();
  report(1);
  report(2);
  await reporter.finish();
  report(3);
  await clock.advance(60_000);
  expect(sent.map((progress) => progress.progress)).toEqual([1, 2]);
});

test("a silent call is said to be running, always with a higher value", async () => {
  const { clock, sent, report } = setUp();
  await clock.advance(serveLimits.progressHeartbeatMs * 2);
  expect(sent.map((progress) => progress.message)).toEqual(["still running, 10 s", "still running, 20 s"]);
  report(50);
  await clock.advance(serveLimits.progressHeartbeatMs * 2);
  const values = sent.map((progress) => progress.progress);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(new Set(values).size).toBe(values.length);
  expect(sent.at(-1)?.message).toContain("at 50");
});

test("a message longer than the bound is cut", async () => {
  const { sent, reporter } = setUp();
  reporter.report({ progress: 1, message: "x".repeat(serveLimits.progressMessageCharactersMax + 1) });
  expect(sent[0]?.message).toHaveLength(serveLimits.progressMessageCharactersMax);
});

test("a stopped reporter is silent", async () => {
  const { clock, sent, reporter, report } = setUp();
  report(1);
  report(2);
  reporter.stop();
  await clock.advance(60_000);
  expect(sent.map((progress) => progress.progress)).toEqual([1]);
});
