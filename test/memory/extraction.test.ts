import { describe, expect, it } from "vitest";
import { SwitchyardError } from "../../src/core/errors.ts";
import { memoryLimits } from "../../src/core/limits.ts";
import type { Extractor, Proposal } from "../../src/memory/models.ts";
import { contentsOf, openTestMemory } from "./open.ts";

type Request = Parameters<Extractor>[0];

/** An extractor that answers from a list of rules, and remembers what it was asked. */
function extractorOf(propose: (request: Request) => Proposal[]) {
  const requests: Request[] = [];
  const state = { failWith: undefined as unknown };
  const extractor: Extractor = async (request) => {
    requests.push(request);
    if (state.failWith !== undefined) throw state.failWith;
    return { proposals: propose(request), generation: `gen_${requests.length}` };
  };
  return { extractor, requests, state };
}

const talk = [
  { role: "user", content: "We moved to Porto last week, 14 boxes." },
  { role: "assistant", content: "How is the new flat?" },
  { role: "user", content: "Small. The cat likes it." },
];

/** What a model might read out of the talk: one fact for each user's message. */
function facts({ messages }: Request): Proposal[] {
  return messages.flatMap(({ id, content }) => [
    ...(content.includes("Porto") ? [{ message: id, content: "The user lives in Porto", key: "user.city" }] : []),
    ...(content.includes("cat") ? [{ message: id, content: "The user has a cat" }] : []),
  ]);
}

describe("extraction", () => {
  it("keeps messages at once and the facts read out of them in the background, each traced to its message", async () => {
    const { extractor, requests } = extractorOf(facts);
    const { memory, caller } = openTestMemory({ extractor });
    const kept = await memory.remember({ messages: talk, extract: "test/model" }, caller);
    expect(kept.extracting).toBe(3);
    expect((await memory.list({ kinds: ["event"] }, caller)).memories).toHaveLength(3);
    await memory.settled();
    const { memories } = await memory.list({ kinds: ["fact"] }, caller);
    expect(memories).toMatchObject([
      {
        content: "The user has a cat",
        provenance: { via: "extract", message: kept.memories[2]?.id, generation: "gen_1" },
      },
      {
        content: "The user lives in Porto",
        key: "user.city",
        session: kept.session,
        provenance: { message: kept.memories[0]?.id },
      },
    ]);
    expect(requests[0]).toMatchObject({ model: "test/model", keys: [], messages: [{ speaker: "user" }, {}, {}] });
  });

  it("reads each message once, however often the conversation is sent", async () => {
    const { extractor, requests } = extractorOf(facts);
    const { memory, caller } = openTestMemory({ extractor });
    await memory.remember({ messages: talk }, caller);
    await memory.settled();
    expect(requests).toHaveLength(0);
    for (const expected of [3, 0]) {
      const { extracting } = await memory.remember({ messages: talk, extract: "test/model" }, caller);
      expect(extracting).toBe(expected);
      await memory.settled();
    }
    const more = [...talk, { role: "user", content: "Now we live in Braga, sold the Porto flat." }];
    await memory.remember({ messages: more, extract: "test/model" }, caller);
    await memory.settled();
    expect(requests.map((request) => request.messages.length)).toEqual([3, 1]);
    expect(requests[1]?.keys).toEqual(["user.city"]);
  });

  it("leaves out what the model made up", async () => {
    const { extractor } = extractorOf(({ messages: [first] }) => {
      const message = first?.id ?? "";
      return [
        { message: "mem_unknown", content: "From nowhere" },
        { message, content: "The user moved with 41 boxes" },
        { message, content: "The user moved with Bernadette" },
        { message, content: "nul \0 character" },
        { message, content: "  " },
        { message, content: "x".repeat(memoryLimits.contentCharactersMax + 1) },
        { message, content: "odd kind", kind: "rumour" as "fact" },
        { message, content: 5 as unknown as string },
        { message, content: "The user moved with 14 boxes" },
      ];
    });
    const { memory, caller } = openTestMemory({ extractor });
    await memory.remember({ messages: talk, extract: "m" }, caller);
    await memory.settled();
    expect(contentsOf(await memory.list({ kinds: ["fact"] }, caller))).toEqual(["The user moved with 14 boxes"]);
  });

  it("takes at most so many facts from one message", async () => {
    const { extractor } = extractorOf(({ messages: [first] }) =>
      Array.from({ length: 30 }, (_, index) => ({
        message: first?.id ?? "",
        content: `flat fact ${"x".repeat(index)}`,
      })),
    );
    const { memory, caller } = openTestMemory({ extractor });
    await memory.remember({ messages: [{ role: "user", content: "flat" }], extract: "m" }, caller);
    await memory.settled();
    expect((await memory.list({ kinds: ["fact"] }, caller)).memories).toHaveLength(memoryLimits.proposalsPerMessageMax);
  });

  it("does not let an old message change what was learned since", async () => {
    const { extractor } = extractorOf(facts);
    const { memory, caller } = openTestMemory({ extractor });
    await memory.remember({ content: "The user lives in Braga", key: "user.city" }, caller);
    const old = [{ role: "user", content: "We live in Porto now", at: "2020-01-01" }];
    await memory.remember({ messages: old, extract: "m" }, caller);
    await memory.settled();
    expect(contentsOf(await memory.list({ key: "user.city" }, caller))).toEqual(["The user lives in Braga"]);
  });

  it("gives up a batch that fails, after a few times, and goes on with the next", async () => {
    const { extractor, requests, state } = extractorOf(facts);
    const errors: unknown[] = [];
    const { memory, caller } = openTestMemory({ extractor, onBackgroundError: (error) => errors.push(error) });
    state.failWith = new SwitchyardError("provider_error", "cannot read that", { next: "-" });
    await memory.remember({ messages: talk, session: "bad", extract: "m" }, caller);
    await memory.settled();
    for (let index = 0; index < 5; index += 1) {
      await memory.recall({ query: "porto" }, caller);
      await memory.settled();
    }
    expect(requests).toHaveLength(memoryLimits.extractAttemptsMax);
    expect(errors).toHaveLength(memoryLimits.extractAttemptsMax);
    state.failWith = undefined;
    await memory.remember({ messages: talk, session: "good", extract: "m" }, caller);
    await memory.settled();
    expect((await memory.list({ kinds: ["fact"], session: "good" }, caller)).memories).toHaveLength(2);
    expect((await memory.list({ kinds: ["fact"], session: "bad" }, caller)).memories).toHaveLength(0);
  });

  it("waits out an empty pool without giving up", async () => {
    const { extractor, state } = extractorOf(facts);
    const { memory, caller } = openTestMemory({ extractor });
    state.failWith = new SwitchyardError("insufficient_credits", "empty", { next: "-" });
    await memory.remember({ messages: talk, extract: "m" }, caller);
    for (let index = 0; index < 5; index += 1) {
      await memory.settled();
      await memory.recall({ query: "porto" }, caller);
    }
    state.failWith = undefined;
    await memory.settled();
    await memory.recall({ query: "porto" }, caller);
    await memory.settled();
    expect((await memory.list({ kinds: ["fact"] }, caller)).memories).toHaveLength(2);
  });

  it("keeps no fact of a message that was erased while the model read it, and erases facts with their message", async () => {
    const gate = Promise.withResolvers<void>();
    const { extractor } = extractorOf(facts);
    const slow: Extractor = async (...request) => {
      await gate.promise;
      return extractor(...request);
    };
    const { memory, caller } = openTestMemory({ extractor: slow });
    const { memories } = await memory.remember({ messages: talk, extract: "m" }, caller);
    await memory.forget({ ids: [memories[0]?.id ?? ""], mode: "erase" }, caller);
    gate.resolve();
    await memory.settled();
    expect(contentsOf(await memory.list({ kinds: ["fact"] }, caller))).toEqual(["The user has a cat"]);
    const erased = await memory.forget({ ids: [memories[2]?.id ?? ""], mode: "erase" }, caller);
    expect(erased.count).toBe(2);
    expect(contentsOf(await memory.list({ include_superseded: true }, caller))).toEqual(["How is the new flat?"]);
  });

  it("is refused without messages and without a model to do it, and nothing is kept", async () => {
    const { extractor } = extractorOf(facts);
    const able = openTestMemory({ extractor });
    await expect(able.memory.remember({ content: "a", extract: "m" }, able.caller)).rejects.toMatchObject({
      code: "invalid_request",
    });
    const { memory, caller } = openTestMemory();
    await expect(memory.remember({ messages: talk, extract: "m" }, caller)).rejects.toMatchObject({
      code: "unsupported",
    });
    expect((await memory.list({}, caller)).memories).toEqual([]);
  });
});
