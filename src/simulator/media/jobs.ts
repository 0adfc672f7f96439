import { simulatorLimits } from "../../core/limits.ts";

/** Where a job stands. What a provider calls it is the provider's affair. */
export type JobState = "queued" | "running" | "succeeded" | "failed" | "refused" | "cancelled";

export interface Job<T> {
  readonly id: string;
  readonly createdAtMs: number;
  readonly work: T;
  state: JobState;
  /** How often it was asked about. */
  polls: number;
}

/** How a simulated job gets on: by being asked about, so that a test needs no clock. */
export interface JobPace {
  /** Polls that find it waiting. */
  readonly queuedPolls: number;
  /** Polls after those that find it running. */
  readonly runningPolls: number;
}

/** Sets how jobs get on that are submitted from now on, for all providers. */
export interface JobPaces {
  set(pace: Partial<JobPace>): void;
  current(): JobPace;
}

export function jobPaces(): JobPaces {
  let pace: JobPace = { queuedPolls: 1, runningPolls: 1 };
  return {
    set(next) {
      pace = { ...pace, ...next };
    },
    current: () => pace,
  };
}

/** The jobs of one provider. */
export interface Jobs<T> {
  submit(id: string, work: T, ending: "succeeded" | "failed" | "refused"): Job<T>;
  /** The job as it is found at this poll, or null. */
  poll(id: string): Job<T> | null;
  find(id: string): Job<T> | null;
  /** Whether the job was cancelled; false when it is not in one of these states. */
  cancel(id: string, from: readonly JobState[]): boolean;
  remove(id: string): void;
  list(): readonly Job<T>[];
}

export function jobs<T>(paces: JobPaces, now: () => number): Jobs<T> {
  const all = new Map<string, { job: Job<T>; ending: JobState; pace: JobPace }>();
  return {
    submit(id, work, ending) {
      const job: Job<T> = { id, createdAtMs: now(), work, state: "queued", polls: 0 };
      all.set(id, { job, ending, pace: paces.current() });
      for (const oldest of all.keys()) {
        if (all.size <= simulatorLimits.storedJobsMax) break;
        all.delete(oldest);
      }
      return job;
    },
    poll(id) {
      const entry = all.get(id);
      if (!entry) return null;
      const { job, ending, pace } = entry;
      if (job.state === "queued" || job.state === "running") {
        job.polls += 1;
        if (job.polls > pace.queuedPolls + pace.runningPolls) job.state = ending;
        else job.state = job.polls > pace.queuedPolls ? "running" : "queued";
      }
      return job;
    },
    find: (id) => all.get(id)?.job ?? null,
    cancel(id, from) {
      const job = all.get(id)?.job;
      if (!job || !from.includes(job.state)) return false;
      job.state = "cancelled";
      return true;
    },
    remove: (id) => void all.delete(id),
    list: () => [...all.values()].map(({ job }) => job),
  };
}

/** How a job ends, as its prompt asks for: `fail this job`, `refuse`, or well. */
export function endingOf(prompt: string): "succeeded" | "failed" | "refused" {
  if (/\bfail this job\b/i.test(prompt)) return "failed";
  return /\brefuse\b/i.test(prompt) ? "refused" : "succeeded";
}
