import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { settingsSchema } from "../../src/config/settings.ts";
import { localCaller } from "../../src/core/caller.ts";
import type { Clock } from "../../src/core/clock.ts";
import { inferLimits, keeperLimits } from "../../src/core/limits.ts";
import { Lines } from "../../src/core/lines.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { GenerationEvent } from "../../src/infer/generation.ts";
import type { AdoptOptions, Infer } from "../../src/infer/infer.ts";
import { openKeeper } from "../../src/keeper/keeper.ts";
import { keeperSocket } from "../../src/keeper/keeper-client.ts";
import { openGateway } from "../../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { datedClock } from "../support/dated-clock.ts";

const model = "openai/gpt-4.1-mini";

/** A clock by which nobody looks at the disk again who is told of events. */
const neverSure: Clock = {
  ...datedClock,
  sleep: (ms, signal) =>
    ms === inferLimits.followToldPollMs
      ? new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
      : datedClock.sleep(ms, signal),
};

interface Scene {
  readonly simulator: Simulator;
  readonly home: string;
  /** A server over the data directory. */
  server(clock?: Clock): Promise<Gateway>;
  /** Ends the keeper as one that dies, for those who are connected to it. */
  endKeeper(): Promise<void>;
}

/** A keeper and servers of one data directory, all in this process. */
async function openScene(runs: "keyed" | "all"): Promise<Scene> {
  const simulator = await startSimulator({ clock: datedClock });
  const home = await mkdtemp(join(tmpdir(), "switchyard-keeper-"));
  const open = async (more: { clock?: Clock; spawnKeeper?: () => void }) => {
    const gateway = await openGateway({
      dataDirectory: home,
      settings: settingsSchema.parse({
        keeper: { runs },
        providers: { openai: { key: simulator.apiKey("openai"), base_url: simulator.baseUrl("openai") } },
      }),
      tools: [],
      environment: () => undefined,
      clock: datedClock,
      ...more,
    });
    onTestFinished(() => gateway.close());
    return gateway;
  };
  onTestFinished(async () => {
    await simulator.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  });
  const { infer } = await open({});
  const keeper = await openKeeper({ socket: keeperSocket(home) ?? "", infer, log: () => undefined });
  let ending: Promise<void> | undefined;
  const endKeeper = () => {
    ending ??= keeper.close();
    return ending;
  };
  onTestFinished(endKeeper);
  return {
    simulator,
    home,
    server: (clock = datedClock) =>
      open({
        clock,
        spawnKeeper: () => {
          throw new Error("there is a keeper");
        },
      }),
    endKeeper,
  };
}

describe("a generation that the keeper runs", () => {
  it("is told of to the server as it is written, to its end, without a look at the disk between", async () => {
    const { server } = await openScene("keyed");
    const { infer } = await server(neverSure);
    const args = { model, prompt: "say 40 words", idempotency_key: "order-1" };
    const generation = await infer.start(args, localCaller);
    const { status, output } = await generation.done;
    expect(status).toBe("succeeded");
    const texts = generation.events.flatMap(({ event }) => (event.type === "text" ? [event.text] : []));
    expect(texts.join("")).toBe(output.text);
    expect(texts.length).toBeGreaterThan(20);
    // What was told is what is on the disk.
    const reader = (await server()).infer.find(generation.id, localCaller);
    await reader.done;
    expect(reader.events).toEqual(generation.events);
  });

  it("may be asked for in words that end a line for some readers", async () => {
    const { server, simulator } = await openScene("keyed");
    simulator.latency.set({ chunkMs: 5 });
    const first = await server();
    const prompt = "one\u2028two\u2029three\r\nfour\u0085five. say 40 words";
    const generation = await first.infer.start({ model, prompt, idempotency_key: "order-1" }, localCaller);
    for await (const { event } of generation.read()) if (event.type === "text") break;
    // Had the server run it, it would end with it.
    await first.close();
    expect((await (await server()).infer.find(generation.id, localCaller).done).status).toBe("succeeded");
    expect(JSON.stringify(simulator.book.bodies("openai"))).toContain(JSON.stringify(prompt));
  });

  it("is read from the disk where it is told of no more", async () => {
    const { server, simulator, endKeeper } = await openScene("keyed");
    simulator.latency.set({ chunkMs: 5 });
    const { infer } = await server(neverSure);
    const generation = await infer.start({ model, prompt: "say 60 words", idempotency_key: "order-1" }, localCaller);
    for await (const { event } of generation.read()) if (event.type === "text") break;
    await endKeeper();
    const { status, output } = await generation.done;
    expect(status).toBe("succeeded");
    expect(output.text?.split(" ")).toHaveLength(62);
  });

  it("without a key is the keeper's only where the settings say so", async () => {
    for (const runs of ["keyed", "all"] as const) {
      const { server, simulator } = await openScene(runs);
      simulator.latency.set({ chunkMs: 5 });
      const first = await server();
      const generation = await first.infer.start({ model, prompt: "say 40 words" }, localCaller);
      for await (const { event } of generation.read()) if (event.type === "text") break;
      await first.close();
      const { status } = await (await server()).infer.find(generation.id, localCaller).done;
      expect(status).toBe(runs === "all" ? "succeeded" : "cancelled");
    }
  });

  it.each([
    ["without a key is stopped when its caller goes", undefined, "gone", "cancelled"],
    [
      "without a key is stopped by a caller who had gone before it was handed over",
      undefined,
      "never there",
      "cancelled",
    ],
    ["with a key goes on when its caller goes", "order-1", "gone", "succeeded"],
    ["with a key is stopped when that is asked for", "order-1", "cancels", "cancelled"],
  ] as const)("%s", async (_, key, how, status) => {
    const { server, simulator } = await openScene("all");
    simulator.latency.set({ chunkMs: 5 });
    const { infer } = await server();
    const caller = new AbortController();
    const args = { model, prompt: "say 60 words", ...(key === undefined ? {} : { idempotency_key: key }) };
    const starting = infer.start(args, localCaller, { signal: caller.signal });
    if (how === "never there") caller.abort();
    const generation = await starting;
    if (how !== "never there") for await (const { event } of generation.read()) if (event.type === "text") break;
    if (how === "gone") caller.abort();
    if (how === "cancels") await infer.result({ id: generation.id, cancel: true }, localCaller);
    expect((await generation.done).status).toBe(status);
    await simulator.book.idle();
    expect(simulator.book.totals("openai").succeeded).toBe(status === "succeeded" ? 1 : 0);
  });
});

describe("the keeper's socket", () => {
  const text = "x".repeat(64 * 1024);
  const event = (seq: number): GenerationEvent => ({ seq, event: { type: "text", text } });

  /** A keeper of generations that never were, and a connection to it. */
  async function openWire() {
    const home = await mkdtemp(join(tmpdir(), "switchyard-keeper-"));
    const adopted: { id: string; options: AdoptOptions; isCancelled: boolean; end: () => void }[] = [];
    const adopt: Infer["adopt"] = (id, _args, _caller, options = {}) => {
      const ended = Promise.withResolvers<void>();
      const one = { id, options, isCancelled: false, end: ended.resolve };
      adopted.push(one);
      return {
        ended: ended.promise,
        cancel: () => {
          one.isCancelled = true;
        },
      };
    };
    const socket = join(home, "keeper.sock");
    const keeper = await openKeeper({ socket, infer: { adopt }, log: () => undefined });
    const client = connect(socket);
    await once(client, "connect");
    onTestFinished(async () => {
      client.destroy();
      await keeper.close();
      await rm(home, { recursive: true, force: true });
    });
    const lines: Record<string, unknown>[] = [];
    const parts = new Lines();
    client.setEncoding("utf8").on("data", (text: string) => {
      for (const line of parts.add(text)) lines.push(JSON.parse(line));
    });
    const say = (line: object | string) => client.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
    const start = async (id: string) => {
      say({ id, args: { model, prompt: "x" }, caller: localCaller });
      await expect.poll(() => adopted.find((one) => one.id === id)).toBeDefined();
      return adopted[adopted.length - 1];
    };
    return { client, adopted, lines, say, start };
  }

  it("answers each line in turn, also one that makes no sense", async () => {
    const { adopted, lines, say, start } = await openWire();
    for (const line of ["{", { id: "gen_1" }, { cancel: 5 }, [], { cancel: "gen_unknown" }]) say(line as object);
    await start("gen_1");
    say({ cancel: "gen_1" });
    await expect.poll(() => lines.length).toBe(7);
    expect(lines.map(({ ok }) => ok)).toEqual([false, false, false, false, true, true, true]);
    expect(adopted.map(({ id, isCancelled }) => [id, isCancelled])).toEqual([["gen_1", true]]);
  });

  it("is told of events with their numbers and of the end, and money in them as text", async () => {
    const { lines, start } = await openWire();
    const one = await start("gen_1");
    one?.options.onEvents?.([event(0), event(1)]);
    one?.options.onEvents?.([{ seq: 2, event: { type: "usage", usage: { providerCostNanoUsd: 9n } } }]);
    one?.end();
    await expect.poll(() => lines.length).toBe(4);
    expect(lines.slice(1)).toEqual([
      { id: "gen_1", seq: 0, events: [event(0).event, event(1).event] },
      { id: "gen_1", seq: 2, events: [{ type: "usage", usage: { providerCostNanoUsd: "9" } }] },
      { ended: "gen_1" },
    ]);
  });

  it("holds a bounded amount for a server that does not read, which is told again once it does", async () => {
    const { client, lines, start } = await openWire();
    const other = await start("gen_0");
    const one = await start("gen_1");
    client.pause();
    const most = (3 * keeperLimits.unreadBytesMax) / text.length;
    // In one turn nothing is read: what is past the bound, and the line that passes it, is not kept.
    for (let seq = 0; seq < most; seq += 1) one?.options.onEvents?.([event(seq)]);
    other?.end();
    client.resume();
    const last = () => lines.at(-1)?.seq;
    const told = () => lines.filter(({ events }) => events !== undefined).length;
    const bound = Math.ceil(keeperLimits.unreadBytesMax / text.length);
    await expect.poll(told).toBeGreaterThanOrEqual(bound - 1);
    one?.options.onEvents?.([event(most)]);
    await expect.poll(last).toBe(most);
    expect(lines).toContainEqual({ ended: "gen_0" });
    expect(told()).toBeLessThan(most / 2);
  });
});
