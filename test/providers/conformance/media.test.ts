import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AttemptFailure, verdictOf } from "../../../src/infer/attempts/failure.ts";
import { loadAdapter } from "../../../src/providers/registry.ts";
import type { MediaOutput } from "../../../src/providers/shapes/media.ts";
import type { TaskAdapter } from "../../../src/providers/task-adapter.ts";
import type { FaultInput } from "../../../src/simulator/faults/fault.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { shipped } from "../support/media.ts";
import { openSimulation, type Simulation } from "../support/simulation.ts";
import { type ConformingMedia, conformingMedia, type MediaBehaviour } from "./media-table.ts";

type Asked = { readonly prompt: string; readonly params: Readonly<Record<string, unknown>> };
type Made = Readonly<Record<string, unknown>>;

/** How each kind of file begins. */
const beginnings: Readonly<Record<string, RegExp>> = {
  images: /^(?:\x89PNG|\xff\xd8\xff|RIFF....WEBP|<svg|GIF8)/s,
  videos: /^....ftyp/s,
  audio: /^(?:RIFF|ID3|\xff[\xe0-\xff]|OggS|fLaC)/s,
};

/** Frames are the smallest that is measured in a file. */
const secondsExact = 0.03;

const byProvider = Map.groupBy(conformingMedia, ({ provider }) => provider);

describe.each([...byProvider])("%s", (provider, rows) => {
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await openSimulation(provider);
  });
  afterAll(() => simulation.close());

  describe.each(rows.map((row) => [row.task, row] as const))("%s", (_task, row) => {
    const model = shipped(`${provider}/${row.model}`);
    const does = (behaviour: MediaBehaviour) => row.lacks[behaviour] === undefined;
    const words = (prompt: string): Asked => ({
      prompt: row.task === "transcription" ? "" : prompt,
      params: row.params ?? {},
    });

    test.runIf(does("made"))("made", async () => {
      const { result } = await simulation.perform<Made>(model, words("A fox runs"));
      await expectMade(simulation, row, result);
    });

    test("given", async () => {
      expect(row.given === undefined).toBe(!does("given"));
      if (row.given === undefined) return;
      const asked = { ...words("A fox runs"), params: { ...row.params, ...row.given } };
      await expectMade(simulation, row, (await simulation.perform<Made>(model, asked)).result);
    });

    test.runIf(does("billed"))("billed", async () => {
      const { usage, billed } = await simulation.perform<Made>(model, words("A fox runs"));
      expect(Object.keys(billed).length).toBeGreaterThan(0);
      for (const [unit, amount] of Object.entries(billed)) {
        // Where a provider says what it costs, or tokens are billed, nothing else is what is charged.
        const isCharged = unit === "providerCostNanoUsd" || !("providerCostNanoUsd" in billed);
        if (!isCharged || (unit === "seconds" && "outputTokens" in billed)) continue;
        const said = Number(usage[unit as "seconds"] ?? 0);
        expect(Math.abs(said - Number(amount)), unit).toBeLessThanOrEqual(unit === "seconds" ? secondsExact : 0);
      }
    });

    test("job", async () => {
      const { jobs } = await simulation.perform<Made>(model, words("A fox runs"));
      expect(jobs.length > 0).toBe(does("job"));
      // Whoever reads what was written down has no other secret than its own key.
      expect(JSON.stringify(jobs)).not.toContain(simulation.simulator.apiKey(provider));
    });

    test("stop", async () => {
      if (does("stop")) {
        const charged = Object.values(await simulation.giveUp(model, words("A fox runs"))).map(Number);
        expect(charged.length).toBeGreaterThan(0);
        expect(charged.every((amount) => amount === 0)).toBe(true);
      } else {
        const task = await doing(provider, row, model);
        expect(task.kind === "job" ? task.cancel : undefined).toBeUndefined();
      }
    });

    test.runIf(does("fails"))("fails", async () => {
      const { failure } = await simulation.failure(model, words("Fail this job"));
      expect(failure.kind).toBe("server_error");
      expect(failure.message).not.toBe("");
    });

    test.runIf(does("refused"))("refused", async () => {
      const { failure } = await simulation.failure(model, words("Please refuse"));
      expect(failure.kind).toBe("content_refused");
      expect(verdictOf(new AttemptFailure(failure, { delivered: false }))).toBe("stop");
    });

    test.runIf(does("errors")).each<[FaultInput, readonly (readonly [kind: string, verdict: string])[]]>([
      [{ kind: "rate_limited", retry: "seconds", afterMs: 2_000 }, [["rate_limited", "next_key"]]],
      [{ kind: "quota_exhausted" }, [["quota_exhausted", "next_key"]]],
      [{ kind: "invalid_key" }, [["unauthenticated", "next_key"]]],
      [{ kind: "server_error" }, [["server_error", "retry_once"]]],
      [
        { kind: "overloaded" },
        [
          ["overloaded", "retry"],
          ["rate_limited", "next_key"],
        ],
      ],
      [
        { kind: "bad_gateway" },
        [
          ["server_error", "retry_once"],
          ["overloaded", "retry"],
        ],
      ],
      // Some say it with a status or a code of their own.
      [
        { kind: "gateway_timeout" },
        [
          ["timeout", "retry"],
          ["timeout", "next_model"],
          ["server_error", "retry_once"],
        ],
      ],
    ])("errors: %j", async (fault, told) => {
      simulation.simulator.faults.script([{ provider, fault }]);
      const { failure } = await simulation.failure(model, words("A fox runs"));
      const verdict = verdictOf(new AttemptFailure(failure, { delivered: false }));
      expect(told).toContainEqual([failure.kind, verdict]);
    });

    test.runIf(does("foreign")).each<FaultInput>([{ kind: "html" }, { kind: "truncated_json" }])(
      "foreign: %j",
      async (fault) => {
        // Sound that comes as it is has no JSON that could be cut.
        if (row.isRaw && fault.kind === "truncated_json") return;
        simulation.simulator.faults.script([{ provider, fault }]);
        const { failure } = await simulation.failure(model, words("A fox runs"));
        expect(["malformed", "network"]).toContain(failure.kind);
      },
    );

    test.runIf(does("unknown"))("unknown", async () => {
      const task = await doing(provider, row, model);
      const asked = { ...words("A fox runs"), params: { ...row.params, never_heard_of: 1 } };
      expect(task.check(asked, model)).toContainEqual(
        expect.objectContaining({ field: "params.never_heard_of", droppable: true }),
      );
      const send = task.kind === "job" ? task.submit : task.request;
      const refusal = thrown(() => send(asked, model, { apiKey: "k", baseUrl: "http://127.0.0.1:9" }));
      expect(refusal).toMatchObject({ code: "unsupported", next: expect.stringContaining("never_heard_of") });
    });
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function doing(
  provider: ProviderName,
  { task }: ConformingMedia,
  model: ReturnType<typeof shipped>,
): Promise<TaskAdapter<Asked, Made>> {
  const found = (await loadAdapter(provider))?.[task]?.(model);
  if (!found) throw new Error(`nothing does ${model.id}`);
  return found as unknown as TaskAdapter<Asked, Made>;
}

async function expectMade(simulation: Simulation, { task }: ConformingMedia, result: Made): Promise<void> {
  if (task === "transcription") {
    expect(result.text).toMatch(/\w/);
    return;
  }
  const name = { image: "images", video: "videos", speech: "audio", music: "audio" }[task];
  const made = [result[name]].flat() as MediaOutput[];
  expect(made.length).toBeGreaterThan(0);
  for (const media of made) {
    expect(Buffer.from(await simulation.bytes(media)).toString("latin1", 0, 16)).toMatch(beginnings[name] ?? /^$/);
  }
}
