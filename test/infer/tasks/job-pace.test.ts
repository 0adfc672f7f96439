import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { MayBeCharged } from "../../../src/infer/tasks/may-be-charged.ts";
import { perform } from "../../../src/infer/tasks/perform.ts";
import { assemblyai } from "../../../src/providers/assemblyai/index.ts";
import { openWire } from "../../../src/providers/wire/wire.ts";
import { startSimulator } from "../../../src/simulator/simulator.ts";
import { job, shipped, wav } from "../../providers/support/media.ts";

test("a job is asked about soon at first, and then as often as its provider advises", async () => {
  const simulator = await startSimulator({ providers: ["assemblyai"] });
  const wire = openWire();
  onTestFinished(async () => {
    await wire.close();
    await simulator.close();
  });
  simulator.jobs.set({ queuedPolls: 3, runningPolls: 2 });
  const card = shipped("assemblyai/universal-2");
  const waits: number[] = [];
  await perform(
    job(assemblyai.transcription, card),
    { prompt: "", params: { audio: { data: wav().toString("base64") } } },
    {
      adapter: assemblyai,
      wire,
      card,
      clock: { ...systemClock, sleep: async (ms) => void waits.push(ms) },
      credentials: { apiKey: simulator.apiKey("assemblyai"), baseUrl: simulator.baseUrl("assemblyai") },
      signal: new AbortController().signal,
      isOnceOnly: true,
      isClosing: () => false,
      mayBeCharged: new MayBeCharged(),
      onJob: () => undefined,
    },
  );
  expect(waits).toEqual([500, 1_000, 2_000, 3_000, 3_000, 3_000]);
});
