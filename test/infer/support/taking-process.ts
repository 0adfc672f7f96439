/** A process that takes from a limit as fast as it can, once it is told to, and says how often it could. */
import { once } from "node:events";
import { localCaller } from "../../../src/core/caller.ts";
import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { RateGate } from "../../../src/infer/rates/rate-gate.ts";
import { SharedCounts } from "../../../src/infer/rates/shared-counts.ts";

export interface TakingOptions {
  readonly path: string;
  readonly perMinute: number;
  readonly asks: number;
}

async function main({ path, perMinute, asks }: TakingOptions): Promise<void> {
  const log: string[] = [];
  const shared = new SharedCounts({ path, clock: systemClock, rng: systemRng, log: (line) => log.push(line) });
  const gate = new RateGate([{ requestsPerMinute: perMinute, onLimit: "wait" }], systemClock, shared);
  const call = { caller: localCaller, provider: "openai", model: "openai/gpt-4.1-mini", tokens: () => 0 };
  gate.waitMs(call);
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  await once(process.stdin, "data");
  let taken = 0;
  for (let at = 0; at < asks; at += 1) {
    if (gate.takeNow(call)) taken += 1;
    await systemClock.sleep(0);
  }
  process.stdout.write(`${JSON.stringify({ taken, log })}\n`);
  gate.close();
  process.stdin.destroy();
}

await main(JSON.parse(process.argv[2] ?? "{}") as TakingOptions);
