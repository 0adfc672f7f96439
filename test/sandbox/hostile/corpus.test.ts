import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { threadCpuMs } from "../../../src/sandbox/thread/cpu-time.ts";
import { realSandbox, runCode } from "../../support/sandbox.ts";
import { corpus, fingerprint, hostileHost, hostNames } from "./corpus.ts";

const sandbox = realSandbox({ workers: 1 });
let fresh: unknown;
/** The most CPU time that this thread used between two looks at its clock: nothing may keep it longer. */
let longestTurnMs = 0;
let lastMs = threadCpuMs();
const watch = setInterval(() => {
  const nowMs = threadCpuMs();
  longestTurnMs = Math.max(longestTurnMs, nowMs - lastMs);
  lastMs = nowMs;
}, 5);

beforeAll(async () => {
  fresh = (await runCode(sandbox, fingerprint, {}, hostileHost())).result;
  expect(fresh).toMatch(/^[0-9a-f]{64} \d{3,}$/);
});
afterAll(async () => {
  clearInterval(watch);
  await sandbox.close();
});

/** Taking all memory and flooding take time: every second of those, unless SWITCHYARD_CORPUS=full. */
const slow = ["memory", "output"];
const isFull = process.env.SWITCHYARD_CORPUS === "full";

describe.each(Object.entries(corpus))("%s", (name, programs) => {
  const chosen = programs.filter(
    ({ only }, index) => only !== "v8" && (isFull || !slow.includes(name) || index % 2 === 0),
  );
  test.each(chosen.map((program) => [program.name, program] as const))(
    "%s",
    async (_name, { code, args, safe, result }) => {
      const outcome = await runCode(sandbox, code, args, hostileHost());
      expect(safe, JSON.stringify(outcome.error)).toContain(outcome.status);
      if (outcome.status === "ok" && result !== undefined) expect(outcome.result).toEqual(result);
      expect(JSON.stringify(outcome)).not.toMatch(hostNames);
      expect((await runCode(sandbox, fingerprint, {}, hostileHost())).result).toBe(fresh);
    },
  );
});

test("none of them kept the server from its other work", () => {
  expect(longestTurnMs).toBeLessThan(150);
});

test("there are enough of them", () => {
  expect(Object.values(corpus).flat().length).toBeGreaterThanOrEqual(150);
});
