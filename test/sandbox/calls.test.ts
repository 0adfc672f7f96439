import { describe, expect, test } from "vitest";
import { sandboxLimits } from "../../src/core/limits.ts";
import type { RunMessage } from "../../src/sandbox/protocol.ts";
import { Calls } from "../../src/sandbox/thread/calls.ts";

const { hostCallsWaitingCharactersMax } = sandboxLimits;

describe("host calls that wait for their turn", () => {
  test("hold as much as they may, and not one character more", () => {
    const calls = new Calls(1, 100, 1, () => {});
    expect(calls.add(1, "AI.run", "under way")).toBe(true);
    expect(calls.add(2, "AI.run", "x".repeat(hostCallsWaitingCharactersMax - 1))).toBe(true);
    expect(calls.add(3, "AI.run", "xx")).toBe(false);
    expect(calls.add(4, "AI.run", "x")).toBe(true);
    calls.answered(1);
    expect(calls.add(5, "AI.run", "x".repeat(hostCallsWaitingCharactersMax - 1))).toBe(true);
  });
  test("are cancelled when their turn comes, if the program has given them up", () => {
    const posted: RunMessage[] = [];
    const calls = new Calls(1, 100, 1, (message) => posted.push(message));
    for (const call of [1, 2, 3]) calls.add(call, "AI.run", "[]");
    calls.cancel(2);
    calls.answered(1);
    calls.answered(2);
    expect(posted.map((message) => [message.op, "call" in message && message.call])).toEqual([
      ["call", 1],
      ["call", 2],
      ["cancel", 2],
      ["call", 3],
    ]);
  });
});
