import { expect, test } from "vitest";
import { simulatorLimits } from "../../src/core/limits.ts";
import { secondsToSay } from "../../src/simulator/media/audio.ts";
import { files } from "../../src/simulator/media/files.ts";
import { endingOf, jobPaces, jobs } from "../../src/simulator/media/jobs.ts";
import { idSource } from "../../src/simulator/wire/ids.ts";
import { at, fetchLink, pollUntil, send } from "./support/raw.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

test("a job gets on by being asked about, at the pace that was set when it was submitted", () => {
  const paces = jobPaces();
  const all = jobs<string>(paces, () => 0);
  all.submit("a", "", "succeeded");
  paces.set({ queuedPolls: 0, runningPolls: 3 });
  all.submit("b", "", "failed");
  const states = (id: string) => Array.from({ length: 5 }, () => all.poll(id)?.state);
  expect(states("a")).toEqual(["queued", "running", "succeeded", "succeeded", "succeeded"]);
  expect(states("b")).toEqual(["running", "running", "running", "failed", "failed"]);
});

test("a job is cancelled from the states a provider allows and from no other", () => {
  const all = jobs<string>(jobPaces(), () => 0);
  all.submit("a", "", "succeeded");
  all.poll("a");
  all.poll("a");
  expect(all.cancel("a", ["queued"])).toBe(false);
  expect(all.cancel("a", ["queued", "running"])).toBe(true);
  expect(all.poll("a")?.state).toBe("cancelled");
  expect([endingOf("fail this job"), endingOf("refuse"), endingOf("a fox")]).toEqual([
    "failed",
    "refused",
    "succeeded",
  ]);
});

test("past their limits the oldest jobs and files are forgotten", () => {
  const all = jobs<string>(jobPaces(), () => 0);
  for (let index = 0; index <= simulatorLimits.storedJobsMax; index += 1) all.submit(`job${index}`, "", "succeeded");
  expect([all.find("job0"), all.find("job1")?.id]).toEqual([null, "job1"]);
  const clock = { now: () => 0, monotonicMs: () => 0, sleep: () => Promise.resolve() };
  const store = files(clock, idSource(1), () => "http://x");
  const links = Array.from({ length: simulatorLimits.storedFilesMax + 1 }, (_, index) =>
    store.put(Buffer.from(String(index)), "text/plain", 1, "txt"),
  );
  const read = (link: string | undefined) => store.get(new URL(link ?? "").pathname);
  expect([read(links[0]), read(links[1])]).toMatchObject([null, { contentType: "text/plain" }]);
});

test("a link runs out when its time is over, and the bytes behind it are made once", () => {
  let now = 1_000;
  let made = 0;
  const clock = { now: () => now, monotonicMs: () => 0, sleep: () => Promise.resolve() };
  const store = files(clock, idSource(1), () => "http://x");
  const link = store.putLazily(() => Buffer.from(String(++made)), "text/plain", 500, "txt");
  const path = new URL(link).pathname;
  store.get(path);
  expect(store.get(path)).toMatchObject({ bytes: Buffer.from("1") });
  now = 1_500;
  expect(store.get(path)).toBe("expired");
  expect([made, store.fetched]).toEqual([1, 2]);
});

test("another process sets the pace of jobs and lets links run out", async () => {
  const control = (path: string, body?: object) =>
    fetch(`${simulator().url}/__sim${path}`, { method: "POST", ...(body ? { body: JSON.stringify(body) } : {}) });
  await control("/jobs", { queuedPolls: 0, runningPolls: 0 });
  const started = await send(simulator(), "vidu", "POST", "/text2video", { model: "viduq3-turbo", prompt: "a fox" });
  const polls = await pollUntil(
    () => send(simulator(), "vidu", "GET", `/tasks/${at(started.json, "task_id")}/creations`),
    ({ json }) => at(json, "state") === "success",
  );
  expect(polls).toHaveLength(1);
  const url = at(polls[0]?.json, "creations.0.url");
  expect((await fetchLink(url)).status).toBe(200);
  await control("/files/expire");
  expect((await fetchLink(url)).status).toBe(403);
  expect((await fetchLink(`${simulator().url}/__files/nothing.mp4`)).status).toBe(404);
  expect((await control("/jobs", { queuedPolls: -1 })).status).toBe(400);
  simulator().jobs.set({ queuedPolls: 1, runningPolls: 1 });
});

test("what a model draws or says can be too long for nobody: it is cut at the longest that is made", () => {
  expect(secondsToSay("x".repeat(100_000))).toBe(simulatorLimits.madeSecondsMax);
});
