import type { Clock } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";
import type { ProviderFailure } from "../../providers/shapes/event.ts";
import { Circuit } from "./circuit.ts";

/** Where an attempt goes: a model at its provider with one of the provider's keys, by name. */
export interface Target {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
}

/** Whether a target should be asked now. */
export type Readiness =
  | { readonly state: "ready" }
  /** The provider asked for a pause: waiting for its end is worth it. */
  | { readonly state: "resting"; readonly waitMs: number; readonly why: string }
  /** It failed too often, or its key was refused: ask only when nothing else is left. */
  | { readonly state: "shunned"; readonly why: string };

/** A call to a target that was begun, to be ended once. */
export interface BegunCall {
  succeeded(firstContentMs: number | undefined): void;
  failed(failure: ProviderFailure): void;
  /** It was given up for a reason of ours: nothing is learned. */
  abandoned(): void;
}

interface Rest {
  readonly untilMs: number;
  /** The provider named the time; otherwise it is our guess. */
  readonly wasAsked: boolean;
  readonly why: string;
}

interface Entry {
  readonly circuit: Circuit;
  rest: Rest | undefined;
  limitedInARow: number;
}

/** Failures that say something of the provider's own health. A refused request or a used-up quota does not. */
const countsAgainst: ReadonlySet<ProviderFailure["kind"]> = new Set([
  "overloaded",
  "server_error",
  "network",
  "timeout",
  "malformed",
]);

const { coolDownMs, coolDownMsMax, coolDownAskedMsMax, keyRestMs, latencyKeptMs, healthEntriesMax } = inferLimits;
/** How much the newest measurement counts in a model's latency. */
const latencyWeight = 0.3;

/** How well targets have done lately, as this process saw it. Nothing of it is shared or kept. */
export class Health {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Keys that their provider refuses for whatever model. */
  readonly #keyRests = new Map<string, Rest>();
  readonly #latencies = new Map<string, { readonly ms: number; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readiness(target: Target): Readiness {
    const nowMs = this.#clock.monotonicMs();
    const rests = [this.#keyRests.get(keyId(target)), this.#entries.get(idOf(target))?.rest];
    let asked: Rest | undefined;
    for (const rest of rests) {
      if (!rest || rest.untilMs <= nowMs) continue;
      if (!rest.wasAsked) return { state: "shunned", why: rest.why };
      if (!asked || rest.untilMs > asked.untilMs) asked = rest;
    }
    if (asked) return { state: "resting", waitMs: asked.untilMs - nowMs, why: asked.why };
    const circuit = this.#entries.get(idOf(target))?.circuit.state(nowMs) ?? "closed";
    return circuit === "open" ? { state: "shunned", why: "it failed too often a moment ago" } : { state: "ready" };
  }

  begin(target: Target): BegunCall {
    const entry = this.#entry(target);
    const isProbe = entry.circuit.begin(this.#clock.monotonicMs());
    const now = () => this.#clock.monotonicMs();
    return {
      succeeded: (firstContentMs) => {
        entry.circuit.succeeded(now());
        entry.circuit.ended(isProbe);
        entry.rest = undefined;
        entry.limitedInARow = 0;
        this.#keyRests.delete(keyId(target));
        if (firstContentMs !== undefined) this.#measured(target.model, firstContentMs);
      },
      failed: (failure) => {
        if (countsAgainst.has(failure.kind)) entry.circuit.failed(now(), isProbe);
        else this.#rest(target, entry, failure, now());
        entry.circuit.ended(isProbe);
      },
      abandoned: () => entry.circuit.ended(isProbe),
    };
  }

  /** A model's recent time to its first words in milliseconds; undefined when it was not asked lately. */
  latencyMs(model: string): number | undefined {
    const measured = this.#latencies.get(model);
    return measured && this.#clock.monotonicMs() - measured.atMs < latencyKeptMs ? measured.ms : undefined;
  }

  #rest(target: Target, entry: Entry, failure: ProviderFailure, nowMs: number): void {
    const { kind, retryAfterMs } = failure;
    if (kind === "unauthenticated" || kind === "quota_exhausted") {
      const ms = Math.min(coolDownAskedMsMax, retryAfterMs ?? keyRestMs);
      const why = kind === "unauthenticated" ? "its key was refused" : "its key's quota is used up";
      bounded(this.#keyRests, keyId(target), { untilMs: nowMs + ms, wasAsked: false, why });
    } else if (kind === "rate_limited") {
      const guess = Math.min(coolDownMsMax, coolDownMs * 2 ** entry.limitedInARow);
      entry.limitedInARow += 1;
      const ms = Math.min(coolDownAskedMsMax, retryAfterMs ?? guess);
      entry.rest = { untilMs: nowMs + ms, wasAsked: retryAfterMs !== undefined, why: "its key is rate limited" };
    }
  }

  #measured(model: string, ms: number): void {
    const before = this.latencyMs(model) ?? ms;
    const measured = { ms: before + latencyWeight * (ms - before), atMs: this.#clock.monotonicMs() };
    bounded(this.#latencies, model, measured);
  }

  #entry(target: Target): Entry {
    const id = idOf(target);
    const known = this.#entries.get(id);
    if (known) return known;
    const entry: Entry = { circuit: new Circuit(), rest: undefined, limitedInARow: 0 };
    bounded(this.#entries, id, entry);
    return entry;
  }
}

/** Keeps a map within its bound: the one that was first written goes first. */
function bounded<T>(map: Map<string, T>, id: string, value: T): void {
  map.delete(id);
  map.set(id, value);
  if (map.size <= healthEntriesMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function idOf({ provider, model, key }: Target): string {
  return `${provider}\n${model}\n${key}`;
}

function keyId({ provider, key }: Target): string {
  return `${provider}\n${key}`;
}
