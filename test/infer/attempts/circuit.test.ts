import { describe, expect, it } from "vitest";
import { inferLimits } from "../../../src/core/limits.ts";
import { Circuit } from "../../../src/infer/attempts/circuit.ts";
import { fastClock, models, openPipeline, tried } from "../support/pipeline.ts";

const down = { provider: "openai", fault: { kind: "unavailable" as const }, probability: 1 };

describe("a circuit", () => {
  it("opens after five failures in a row and not after four", () => {
    const circuit = new Circuit();
    for (let count = 0; count < 4; count += 1) circuit.failed(0, false);
    expect(circuit.state(0)).toBe("closed");
    circuit.failed(0, false);
    expect(circuit.state(0)).toBe("open");
  });

  it("opens when more than half of twenty calls failed within half a minute, and counts no older ones", () => {
    const alternate = (circuit: Circuit, calls: number, nowMs: number) => {
      for (let count = 0; count < calls; count += 1) {
        if (count % 3 === 0) circuit.succeeded(nowMs);
        else circuit.failed(nowMs, false);
      }
    };
    const young = new Circuit();
    alternate(young, 18, 1_000);
    expect(young.state(1_000)).toBe("closed");
    alternate(young, 3, 30_000);
    expect(young.state(30_000)).toBe("open");
    const old = new Circuit();
    alternate(old, 18, 1_000);
    alternate(old, 3, 31_000);
    expect(old.state(31_000)).toBe("closed");
  });

  it("lets one call through after its rest, rests longer when that fails, and closes when it succeeds", () => {
    const circuit = new Circuit();
    for (let count = 0; count < 5; count += 1) circuit.failed(0, false);
    expect(circuit.begin(inferLimits.circuitOpenMs - 1)).toBe(false);
    expect(circuit.begin(inferLimits.circuitOpenMs)).toBe(true);
    expect(circuit.begin(inferLimits.circuitOpenMs)).toBe(false);
    expect(circuit.state(inferLimits.circuitOpenMs)).toBe("open");
    circuit.failed(inferLimits.circuitOpenMs, true);
    circuit.ended(true);
    expect(circuit.state(2.5 * inferLimits.circuitOpenMs)).toBe("open");
    expect(circuit.begin(3 * inferLimits.circuitOpenMs)).toBe(true);
    circuit.succeeded(3 * inferLimits.circuitOpenMs);
    circuit.ended(true);
    expect(circuit.state(3 * inferLimits.circuitOpenMs)).toBe("closed");
    circuit.failed(3 * inferLimits.circuitOpenMs, false);
    expect(circuit.state(3 * inferLimits.circuitOpenMs)).toBe("closed");
  });

  it("lets another probe through when the first was given up", () => {
    const circuit = new Circuit();
    for (let count = 0; count < 5; count += 1) circuit.failed(0, false);
    expect(circuit.begin(inferLimits.circuitOpenMs)).toBe(true);
    circuit.ended(true);
    expect(circuit.begin(inferLimits.circuitOpenMs)).toBe(true);
  });

  it("never rests longer than its bound", () => {
    const circuit = new Circuit();
    let nowMs = 0;
    for (let count = 0; count < 5; count += 1) circuit.failed(nowMs, false);
    for (let count = 0; count < 40; count += 1) {
      nowMs += inferLimits.circuitOpenMsMax;
      expect(circuit.begin(nowMs)).toBe(true);
      circuit.failed(nowMs, true);
      circuit.ended(true);
    }
  });
});

describe("a model that keeps failing", () => {
  it("is left out while another answers, and asked again by one call after a rest", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ clock });
    simulator.faults.chance([down], 1);
    const call = () => ask({ model: models.openai, fallbacks: [models.google] });
    await call();
    await call();
    const requests = simulator.book.totals("openai").requests;
    expect(requests).toBeGreaterThanOrEqual(inferLimits.circuitFailuresInARow);
    const result = await call();
    expect(tried(result)).toEqual([`${models.openai} skipped`, `${models.google} succeeded`]);
    expect(simulator.book.totals("openai").requests).toBe(requests);

    simulator.faults.clear();
    simulator.latency.set({ headersMs: 800 }, "openai");
    clock.advance(inferLimits.circuitOpenMs);
    const together = await Promise.all([call(), call(), call()]);
    expect(together.map(({ model }) => model).sort()).toEqual([models.google, models.google, models.openai]);
    expect((await call()).model).toBe(models.openai);
  });

  it("is asked all the same when there is no other", async () => {
    const { simulator, ask } = await openPipeline({ clock: fastClock() });
    simulator.faults.chance([down], 1);
    await ask({ model: models.openai });
    await ask({ model: models.openai });
    simulator.faults.clear();
    expect((await ask({ model: models.openai })).status).toBe("succeeded");
  });

  it("is not what a model is whose caller had no time", async () => {
    const { simulator, ask } = await openPipeline();
    simulator.latency.set({ headersMs: 300 }, "openai");
    for (let count = 0; count < inferLimits.circuitFailuresInARow; count += 1) {
      await ask({ model: models.openai, fallbacks: [models.google], timeout_ms: 200 });
    }
    simulator.latency.clear();
    expect(tried(await ask({ model: models.openai, fallbacks: [models.google] }))).toEqual([
      `${models.openai} succeeded`,
    ]);
  });
});
