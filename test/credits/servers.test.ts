import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { costOf } from "../../src/catalog/cost.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { systemRng } from "../../src/core/clock.ts";
import { parseUsd } from "../../src/core/money.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { openLedger } from "../../src/credits/ledger.ts";
import { handClock, seededRng } from "../support/hand-clock.ts";
import { query } from "../support/ledger-file.ts";
import { type Connection, openWorld, type World } from "../support/world.ts";

const models = ["openai/gpt-5.4-mini", "anthropic/claude-haiku-4-5", "google/gemini-3.5-flash"];
const servers = 3;
const callsEach = 14;
const killsAfter = [8, 20, 30];
const day = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await openWorld({ initial_grant: "2" });
});
afterAll(() => world.close());

interface StoredHold {
  readonly idem: string;
  readonly state: string;
  readonly actual: bigint | null;
}

describe("servers over stdio on one data directory", () => {
  it("charge every call once, whoever is killed, and the provider's book agrees", async () => {
    const rng = seededRng(7);
    const acknowledged = new Map<string, bigint>();
    let answered = 0;
    let kills = 0;
    const connections: Connection[] = await Promise.all(Array.from({ length: servers }, () => world.connect()));

    async function client(index: number): Promise<void> {
      for (let count = 0; count < callsEach; count++) {
        const model = models[Math.floor(rng.fraction() * models.length)];
        const budget = rng.fraction() < 0.5 ? { scope: "bank", limit: "1" } : undefined;
        const prompt = `Call ${count} of client ${index}: ${"count the words ".repeat(Math.floor(rng.fraction() * 20))}`;
        try {
          const call = connections[index]?.call("infer", { model, prompt, budget, params: { max_output_tokens: 200 } });
          const { isError, structured, text } = (await call) ?? { isError: true, structured: {}, text: "" };
          expect(isError, text).toBe(false);
          acknowledged.set(structured.id, parseUsd(structured.cost.total));
        } catch (error) {
          // Its server has been killed in the middle of the call.
          if (connections[index]?.client.transport !== undefined) throw error;
          connections[index] = await world.connect();
        }
        if (++answered === killsAfter[kills]) kill(Math.floor(rng.fraction() * servers));
      }
    }

    /** Kills a server, or the next one when it is dead already. */
    function kill(index: number): void {
      for (let offset = 0; offset < servers; offset++) {
        const pid = connections[(index + offset) % servers]?.pid;
        if (pid === undefined || pid <= 0) continue;
        try {
          process.kill(pid, "SIGKILL");
          kills++;
          return;
        } catch {
          // Its client has not noticed yet.
        }
      }
    }

    await Promise.all(Array.from({ length: servers }, (_, index) => client(index)));
    await Promise.all(connections.map((connection) => connection.close()));
    await world.simulator.book.idle();
    expect(kills).toBe(killsAfter.length);
    expect(acknowledged.size).toBeGreaterThan(callsEach);

    const path = join(world.home, "ledger.db");
    const clock = handClock(Date.now() + day);
    const ledger = openLedger({ path, clock, rng: systemRng, background: false });
    await ledger.recover();
    await ledger.close();
    expect(auditLedger(path, clock).problems).toEqual([]);

    const holds = query<StoredHold>(path, "SELECT idem, state, actual FROM hold");
    const byGeneration = new Map(holds.map((hold) => [hold.idem.split("/").at(-1), hold]));
    for (const [generation, cost] of acknowledged) {
      expect(byGeneration.get(generation)).toMatchObject({ state: "settled", actual: cost });
    }
    expect(holds.filter((hold) => hold.state === "held")).toEqual([]);

    // What was settled was billed, and what was billed was settled or, where its server died, guessed and no lower.
    const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    const charged = sum(holds.map((hold) => hold.actual ?? 0n));
    const settled = sum(holds.map((hold) => (hold.state === "settled" ? (hold.actual ?? 0n) : 0n)));
    const catalog = openCatalog(await shippedRows());
    const billed = sum(
      world.simulator.book.entries.map((entry) => {
        const card = catalog.find(`${entry.provider}/${entry.model}`);
        return card ? (costOf(card, entry.billed) ?? 0n) : 0n;
      }),
    );
    expect(billed).toBeGreaterThanOrEqual(settled);
    expect(billed).toBeLessThanOrEqual(charged);
    expect(billed).toBeGreaterThan(0n);
  });
});
