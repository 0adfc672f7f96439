import { expect, test } from "vitest";
import { SwitchyardError } from "../../../src/core/errors.ts";
import { serveLimits } from "../../../src/core/limits.ts";
import { watchResources } from "../../../src/serve/resources/watch.ts";
import { testCaller } from "../support/fixture-tools.ts";
import { ManualClock } from "../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const texts = new Map<string, string>();
  let reads = 0;
  const watcher = watchResources({
    clock,
    async read(uri) {
      reads += 1;
      const text = texts.get(uri);
      if (text === undefined) throw new SwitchyardError("not_found", "gone", { next: "Nothing" });
      return { uri, text };
    },
  });
  const turn = () => clock.advance(serveLimits.resourcePollMs);
  const settle = async () => {
    for (let round = 0; round < 10; round += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { watcher, texts, turn, settle, reads: () => reads };
}

test("a change is told once, nothing else is", async () => {
  const { watcher, texts, turn, settle } = setUp();
  texts.set("a", "1");
  let changes = 0;
  watcher.watch("a", testCaller, () => {
    changes += 1;
  });
  await settle();
  await turn();
  expect(changes).toBe(0);
  texts.set("a", "2");
  await turn();
  await turn();
  expect(changes).toBe(1);
  watcher.close();
});

test("what appears and what goes away has changed", async () => {
  const { watcher, texts, turn, settle } = setUp();
  const seen: string[] = [];
  watcher.watch("a", testCaller, () => seen.push(texts.has("a") ? "there" : "gone"));
  await settle();
  texts.set("a", "1");
  await turn();
  texts.delete("a");
  await turn();
  expect(seen).toEqual(["there", "gone"]);
  watcher.close();
});

test("a call that may have changed something is looked after at once", async () => {
  const { watcher, texts, settle } = setUp();
  texts.set("a", "1");
  let changes = 0;
  watcher.watch("a", testCaller, () => {
    changes += 1;
  });
  await settle();
  texts.set("a", "2");
  watcher.look();
  await settle();
  expect(changes).toBe(1);
  watcher.close();
});

test("nothing is read once nothing is watched", async () => {
  const { watcher, texts, turn, settle, reads } = setUp();
  texts.set("a", "1");
  const stop = watcher.watch("a", testCaller, () => {});
  await settle();
  stop?.();
  await turn();
  const before = reads();
  await turn();
  await turn();
  expect(reads()).toBe(before);
});

test("one watch past the bound is refused, and there is room again when one ends", async () => {
  const { watcher } = setUp();
  const stops = Array.from({ length: serveLimits.resourceWatchesMax }, (_, n) =>
    watcher.watch(`r${n}`, testCaller, () => {}),
  );
  expect(watcher.watch("more", testCaller, () => {})).toBeUndefined();
  stops[0]?.();
  expect(watcher.watch("more", testCaller, () => {})).toBeDefined();
  watcher.close();
});
