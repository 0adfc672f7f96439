import { describe, expect, it } from "vitest";
import { Background } from "../../src/memory/background.ts";
import type { Extractor } from "../../src/memory/models.ts";
import { conceptEmbedder } from "./concept-embedder.ts";
import { openTestMemory, temporaryDirectory } from "./open.ts";

describe("background work", () => {
  it("of one name runs once at a time, and once more when it was asked for meanwhile", async () => {
    const background = new Background(() => {});
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let begun = 0;
    let running = 0;
    const work = async () => {
      running += 1;
      expect(running).toBe(1);
      await gates[begun++]?.promise;
      running -= 1;
    };
    for (let index = 0; index < 3; index += 1) background.start("same", work);
    gates[0]?.resolve();
    gates[1]?.resolve();
    await background.idle();
    expect(begun).toBe(2);
  });

  it("tells of its errors and can be asked for again", async () => {
    const errors: unknown[] = [];
    const background = new Background((error) => errors.push(error));
    background.start("bad", () => Promise.reject(new Error("no")));
    await background.idle();
    background.start("bad", async () => {});
    await background.idle();
    expect(errors).toEqual([new Error("no")]);
  });

  it("is stopped and waited for at the end, and none begins after it", async () => {
    const background = new Background(() => {});
    let ended = false;
    background.start("long", async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      ended = true;
    });
    await background.close();
    expect(ended).toBe(true);
    background.start("late", () => Promise.reject(new Error("must not run")));
    await background.idle();
  });
});

describe("two servers on one profile", () => {
  const memories = Array.from({ length: 150 }, (_, index) => ({ content: `note ${index}` }));

  it("pay for each memory's vector once between them", async () => {
    const directory = temporaryDirectory();
    const embedder = conceptEmbedder();
    const one = openTestMemory({ directory, embedder });
    const other = openTestMemory({ directory, embedder });
    await Promise.all([
      one.memory.remember({ memories: memories.slice(0, 75) }, one.caller),
      other.memory.remember({ memories: memories.slice(75) }, other.caller),
    ]);
    for (const { memory, caller } of [one, other, one]) {
      await memory.settled();
      await memory.recall({ query: "note" }, caller);
    }
    await Promise.all([one.memory.settled(), other.memory.settled()]);
    expect(embedder.asked.document.length).toBe(memories.length);
    expect(new Set(embedder.asked.document).size).toBe(memories.length);
  });

  it("have each message read once between them", async () => {
    const directory = temporaryDirectory();
    const read: string[] = [];
    const extractor: Extractor = async ({ messages }) => {
      read.push(...messages.map((message) => message.id));
      return { proposals: [], generation: null };
    };
    const one = openTestMemory({ directory, extractor });
    const other = openTestMemory({ directory, extractor });
    const messages = memories.map(({ content }) => ({ role: "user", content }));
    await Promise.all([one, other].map(({ memory, caller }) => memory.remember({ messages, extract: "m" }, caller)));
    for (const { memory, caller } of [one, other, one]) {
      await memory.settled();
      await memory.recall({ query: "note" }, caller);
    }
    await Promise.all([one.memory.settled(), other.memory.settled()]);
    expect(read).toHaveLength(messages.length);
    expect(new Set(read).size).toBe(messages.length);
  });
});
