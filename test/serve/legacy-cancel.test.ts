import { expect, test } from "vitest";
import { trackLegacyCalls } from "../../src/serve/legacy-cancel.ts";
import { testCaller } from "./support/fixture-tools.ts";

const call = (id: unknown) => ({ jsonrpc: "2.0", id, method: "tools/call", params: {} });
const cancel = (requestId: unknown) => ({ method: "notifications/cancelled", params: { requestId } });

test("only the call of the same caller, session and id is cancelled", () => {
  const calls = trackLegacyCalls();
  const { signal } = calls.begin(call(1), "ses_a", testCaller);
  calls.cancel(cancel(1), "ses_b", testCaller);
  calls.cancel(cancel(1), undefined, testCaller);
  calls.cancel(cancel(2), "ses_a", testCaller);
  calls.cancel(cancel("1"), "ses_a", testCaller);
  calls.cancel(cancel(1), "ses_a", { ...testCaller, key: "key_other" });
  calls.cancel(call(1), "ses_a", testCaller);
  for (const odd of [null, 5, "x", [], [null], { method: "notifications/cancelled" }]) {
    calls.cancel(odd, "ses_a", testCaller);
  }
  expect(signal.aborted).toBe(false);
  calls.cancel([cancel(1)], "ses_a", testCaller);
  expect(signal.aborted).toBe(true);
});

test("an answered call is forgotten, and an id used again is another call", () => {
  const calls = trackLegacyCalls();
  const first = calls.begin(call(1), "ses_a", testCaller);
  const second = calls.begin(call(1), "ses_a", testCaller);
  first.end();
  calls.cancel(cancel(1), "ses_a", testCaller);
  expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
  second.end();
});
