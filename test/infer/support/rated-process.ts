/**
 * A gateway in a process of its own that makes calls under rate limits, by a clock that it is told the time of. It says when
 * nothing is left to do before the next time: every call has ended, or waits for a limit.
 */
import { createInterface } from "node:readline";
import { settingsSchema } from "../../../src/config/settings.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { RateGate } from "../../../src/infer/rates/rate-gate.ts";
import { inferArgs } from "../../../src/infer/request.ts";
import { openGateway } from "../../../src/open-gateway.ts";
import { toldClock } from "./told-clock.ts";

export interface RatedOptions {
  readonly home: string;
  readonly settings: Record<string, unknown>;
  readonly model: string;
  /** All are started at the first time that is told. */
  readonly calls: number;
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main({ home, settings, model, calls }: RatedOptions): Promise<void> {
  const clock = toldClock();
  const gateway = await openGateway({
    dataDirectory: home,
    settings: settingsSchema.parse(settings),
    tools: [],
    environment: () => undefined,
    log: (line) => say({ log: line }),
    clock,
  });
  let [running, waiting] = [0, 0];
  let toldMs: number | undefined;
  const looked = () => {
    setImmediate(() => {
      if (toldMs === undefined || running !== waiting) return;
      say({ quietAtMs: toldMs });
      toldMs = undefined;
    });
  };
  const { take } = RateGate.prototype;
  RateGate.prototype.take = async function (this: RateGate, ...args) {
    waiting += 1;
    looked();
    return await take.apply(this, args).finally(() => {
      waiting -= 1;
    });
  };
  const ask = async () => {
    const args = inferArgs.parse({ model, prompt: "Hello", timeout_ms: 600_000 });
    const generation = await gateway.infer.start(args, localCaller);
    const { status } = await generation.done;
    running -= 1;
    say({ status });
    looked();
  };
  say({ ready: true });
  let hasBegun = false;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as { atMs?: number; end?: true };
    if (message.end) break;
    clock.tell(message.atMs ?? 0);
    toldMs = message.atMs;
    if (!hasBegun) {
      hasBegun = true;
      running = calls;
      for (let at = 0; at < calls; at += 1) void ask();
    }
    looked();
  }
  await gateway.close();
  process.stdin.destroy();
}

await main(JSON.parse(process.argv[2] ?? "{}") as RatedOptions);
