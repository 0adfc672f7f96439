import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { realSandbox, runCode } from "../../support/sandbox.ts";
import { bundleV8Entry } from "../../support/v8-bundle.ts";
import { corpus, hostileHost, hostNames } from "./corpus.ts";

/**
 * The same programs on V8. Each has a process of its own, so that several run at once and nothing can be left behind.
 * Starting that many takes a while: SWITCHYARD_CORPUS=full runs them all, otherwise the escapes and every fourth.
 */
const isFull = process.env.SWITCHYARD_CORPUS === "full";
const chosen = Object.entries(corpus).map(
  ([name, programs]) =>
    [name, isFull || name === "escape" ? programs : programs.filter((_, index) => index % 4 === 0)] as const,
);
let sandbox: Sandbox;
let remove: () => Promise<void>;
beforeAll(async () => {
  const bundle = await bundleV8Entry();
  sandbox = realSandbox({ v8Entry: bundle.entry });
  remove = bundle.remove;
});
afterAll(async () => {
  await sandbox.close();
  await remove();
});

describe.each(chosen)("%s", (_class, programs) => {
  const listed = programs.filter(({ only }) => only !== "quickjs").map((program) => [program.name, program] as const);
  test.concurrent.each(listed)("%s", async (_name, { code, args, safe, result }) => {
    const outcome = await runCode(sandbox, code, { ...args, engine: "v8" }, hostileHost());
    expect(safe, JSON.stringify(outcome.error)).toContain(outcome.status);
    if (outcome.status === "ok" && result !== undefined) expect(outcome.result).toEqual(result);
    expect(JSON.stringify(outcome)).not.toMatch(hostNames);
  });
});

test("a program after all of them works", async () => {
  expect((await runCode(sandbox, "1 + 1", { engine: "v8" })).result).toBe(2);
});
