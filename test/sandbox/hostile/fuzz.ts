import { parseArgs } from "node:util";
import { sandboxLimits } from "../../../src/core/limits.ts";
import type { ExecResult } from "../../../src/sandbox/exec-result.ts";
import { threadCpuMs } from "../../../src/sandbox/thread/cpu-time.ts";
import { realSandbox, runCode } from "../../support/sandbox.ts";
import { corpus, fingerprint, hostileHost, hostNames } from "./corpus.ts";
import { mutate, seededFraction } from "./mutate.ts";

/**
 * Mutates the corpus for a bounded time and looks whether anything got out, stayed behind, or kept this thread. Ends
 * with 1 and the program when something did: `npm run fuzz -- --seconds=60 --seed=1 --engine=quickjs`.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: `${Date.now() % 1e9}` },
    engine: { type: "string", default: "quickjs" },
  },
});
const seed = Number(values.seed);
const engine = values.engine === "v8" ? "v8" : "quickjs";
const fraction = seededFraction(seed);
const programs = Object.values(corpus).flat();
const pick = () => programs[Math.floor(fraction() * programs.length)]?.code ?? "";
const sandbox = realSandbox({ workers: 1 });
const say = (text: string) => process.stdout.write(`${text}\n`);
const statuses = new Map<string, number>();
let current = "";
let longestTurnMs = 0;

process.on("uncaughtException", (error) => fail(`the server threw: ${error.stack}`));
process.on("unhandledRejection", (error) => fail(`the server left a rejection: ${error}`));

function fail(why: string): never {
  say(`\nseed ${seed}, ${engine}: ${why}\n--- the program ---\n${current}`);
  process.exit(1);
}

function check(outcome: ExecResult): void {
  const text = JSON.stringify(outcome);
  const found = hostNames.exec(text.replaceAll(JSON.stringify(current).slice(1, -1), ""));
  // A program may print its own text; what it cannot know is what counts.
  if (found && !current.includes(found[0])) fail(`the outcome names ${found[0]}`);
  if (text.length > 6 * sandboxLimits.resultBytesMax + 12 * sandboxLimits.logBytesMax) fail("the outcome is too large");
  statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
}

let lastMs = threadCpuMs();
const watch = setInterval(() => {
  const nowMs = threadCpuMs();
  longestTurnMs = Math.max(longestTurnMs, nowMs - lastMs);
  lastMs = nowMs;
}, 5);

const fresh = (await runCode(sandbox, fingerprint, {}, hostileHost())).result;
const untilMs = Date.now() + Number(values.seconds) * 1_000;
let rounds = 0;
say(`seed ${seed}, ${engine}, ${values.seconds} s`);
while (Date.now() < untilMs) {
  current = mutate(pick(), pick(), fraction);
  if (fraction() < 0.3) current = mutate(current, pick(), fraction);
  // Longer than a call may be is refused before anything runs.
  if (Buffer.byteLength(current) > sandboxLimits.codeBytesMax) continue;
  check(await runCode(sandbox, current, { timeout_ms: engine === "v8" ? 300 : 60, engine }, hostileHost()));
  if (engine === "quickjs") {
    const after = await runCode(sandbox, fingerprint, {}, hostileHost());
    if (after.status === "ok" && after.result !== fresh) fail(`the next program saw another world: ${after.result}`);
    if (after.status !== "ok") fail(`the next program came to ${after.status}: ${after.error?.message}`);
  }
  rounds++;
}
clearInterval(watch);
await sandbox.close();
const counted = [...statuses].map(([status, count]) => `${status} ${count}`).join(", ");
say(
  `${rounds} programs (${counted}); longest turn of the server's thread ${longestTurnMs.toFixed(1)} ms of CPU; nothing got out`,
);
