import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MediaOutput } from "../../../src/providers/shapes/media.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";
import { conformingTasks, type MediaBehaviour } from "./media-table.ts";

/** What is measured in a file is as exact as its frames. */
const mp3FrameSeconds = 0.03;

const faults: readonly (readonly [string, FaultInput, readonly string[]])[] = [
  ["too many requests", { kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, ["rate_limited"]],
  ["no quota", { kind: "quota_exhausted" }, ["quota_exhausted"]],
  ["a bad key", { kind: "invalid_key" }, ["unauthenticated"]],
  ["a server error", { kind: "server_error" }, ["server_error"]],
  // Some know only too many connections.
  ["an overloaded server", { kind: "overloaded" }, ["overloaded", "rate_limited"]],
  ["a page", { kind: "html" }, ["malformed", "network"]],
  ["JSON that is cut", { kind: "truncated_json" }, ["malformed", "network"]],
];

const byProvider = [...Map.groupBy(conformingTasks, ({ provider }) => provider)];

describe.each(byProvider)("%s", (provider, rows) => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation(provider as ProviderName);
  });
  afterAll(() => simulation.close());

  describe.each(rows.map((row) => [row.task, row] as const))("%s", (task, row) => {
    const { model, asked, withMedia, lacks, adapter } = row;
    const holds = (behaviour: MediaBehaviour) => test.runIf(lacks[behaviour] === undefined);

    holds("out")("gives what was asked for", async () => {
      const { result } = await simulation.perform<Record<string, unknown>>(model, asked);
      const media = [result.images ?? result.videos ?? result.audio ?? []].flat() as MediaOutput[];
      for (const one of media) expect((await simulation.bytes(one)).byteLength).toBeGreaterThan(8);
      const [first] = Object.values(result);
      expect(media.length > 0 || (typeof first === "string" ? first !== "" : (first as unknown[]).length > 0)).toBe(
        true,
      );
    });

    holds("in")("reads what it is given", async () => {
      if (!withMedia) throw new Error("nothing to give");
      const { result } = await simulation.perform<Record<string, unknown>>(model, withMedia);
      expect(Object.keys(result)).not.toEqual([]);
    });

    holds("job")("is followed from its submission to its result", async () => {
      const { jobs } = await simulation.perform(model, asked);
      expect(jobs.length).toBeGreaterThan(0);
      expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    });

    holds("cancel")("is stopped when nobody wants it any more", async () => {
      expect(adapter.kind === "job" && adapter.cancel).toBeTruthy();
      const before = simulation.simulator.book.entries.length;
      await simulation.giveUp(model, asked);
      const [submitted, ...after] = simulation.simulator.book.entries
        .slice(before)
        .filter(({ method }) => method !== "GET");
      expect(submitted?.status).toBeLessThan(300);
      expect(after.at(-1)?.status).toBeLessThan(300);
    });

    holds("usage")("says what was billed", async () => {
      const { usage, billed } = await simulation.perform(model, asked);
      for (const [unit, amount] of Object.entries(billed)) {
        // Where tokens are billed, time is not.
        if (unit === "seconds" && "outputTokens" in billed) continue;
        // Where the provider names its price, nothing else counts.
        if (unit !== "providerCostNanoUsd" && usage.providerCostNanoUsd !== undefined) continue;
        const counted = Number(usage[unit as "images"] ?? 0);
        expect(Math.abs(counted - Number(amount)), unit).toBeLessThanOrEqual(unit === "seconds" ? mp3FrameSeconds : 0);
      }
    });

    holds("errors").each(faults)("tells %s as such", async (_what, fault, kinds) => {
      simulation.simulator.faults.script([{ fault }]);
      const failed = await simulation.failure(model, asked).catch(() => undefined);
      simulation.simulator.faults.clear();
      // Sound that ends early and cleanly cannot be told from sound that is short.
      if (fault.kind === "truncated_json" && task === "speech" && !failed) return;
      expect(kinds).toContain(failed?.failure.kind);
    });

    test("lacks nothing without a reason", () => {
      expect(adapter.kind === "job").toBe(lacks.job === undefined);
      expect(Object.values(lacks).every((reason) => reason !== "")).toBe(true);
      expect(task).toBe(model.task);
    });
  });
});
