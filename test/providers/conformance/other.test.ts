import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";
import { conformingTasks, type OtherBehaviour } from "./other-table.ts";

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
    const { model, asked, lacks } = row;
    const holds = (behaviour: OtherBehaviour) => test.runIf(lacks[behaviour] === undefined);

    holds("out")("gives one result for each thing asked about", async () => {
      const { result } = await simulation.perform<Record<string, unknown[]>>(model, asked);
      const [first = []] = Object.values(result);
      const { input, documents, labels } = asked.params as Record<string, unknown[]>;
      expect(first).toHaveLength((documents ?? input ?? labels ?? []).length);
    });

    holds("usage")("says what was billed", async () => {
      const { usage, billed } = await simulation.perform(model, asked);
      for (const [unit, amount] of Object.entries(billed)) {
        // Where the provider names its price, nothing else counts.
        if (unit !== "providerCostNanoUsd" && usage.providerCostNanoUsd !== undefined) continue;
        const counted = Number(usage[unit as "images"] ?? 0);
        expect(counted, unit).toBe(Number(amount));
      }
    });

    holds("errors").each(faults)("tells %s as such", async (_what, fault, kinds) => {
      simulation.simulator.faults.script([{ fault }]);
      const { failure } = await simulation.failure(model, asked);
      expect(kinds).toContain(failure.kind);
    });

    test("lacks nothing without a reason", () => {
      expect(Object.values(lacks).every((reason) => reason !== "")).toBe(true);
      expect(task).toBe(model.task);
    });
  });
});
