import { expect, test } from "vitest";
import { keepAlive } from "../../src/artifacts/wire/upload-pack-v2.ts";
import type { Clock } from "../../src/core/clock.ts";
import { artifactLimits } from "../../src/core/limits.ts";

test("a client that waits gets an empty frame every so often, until the work is done or has failed", async () => {
  for (const fails of [false, true]) {
    let finish = () => {};
    const work = new Promise<void>((resolve, reject) => {
      finish = fails ? () => reject(new Error("no")) : resolve;
    });
    work.catch(() => {});
    const slept: number[] = [];
    const clock: Clock = {
      now: () => 0,
      monotonicMs: () => 0,
      sleep: async (ms) => {
        slept.push(ms);
        if (slept.length === 4) finish();
        if (slept.length >= 4) await new Promise(() => {});
      },
    };
    const frames: string[] = [];
    for await (const frame of keepAlive(work, clock)) frames.push(frame.toString("latin1"));
    expect(frames).toEqual(["0005\x01", "0005\x01", "0005\x01"]);
    expect(new Set(slept)).toEqual(new Set([artifactLimits.keepAliveMs]));
  }
});
