import type { Clock } from "../../core/clock.ts";
import { abortError } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import { type Counter, countersUnder, longer, type Short } from "./counter.ts";
import { limitText, type RatedCall, type RateLimit } from "./limit.ts";
import { OwnCounts } from "./own-counts.ts";
import type { SharedCounts } from "./shared-counts.ts";

/** A call that was let through. */
export interface Ticket {
  /** What it really used, in tokens, once that is known. */
  used(tokens: number): void;
}

interface Waiter {
  readonly call: RatedCall;
  readonly counters: readonly Counter[];
  admit(ticket: Ticket): void;
}

/**
 * Keeps calls within the settings' limits before a provider has to refuse them. Those that must wait stand in line:
 * callers take turns, each with its oldest call first, and nobody takes what the one whose turn it is waits for. With
 * `shared`, the limits hold over all processes on the data directory, which take turns as well; each has its own line.
 */
export class RateGate {
  readonly #clock: Clock;
  readonly #countersOf: (call: RatedCall) => readonly Counter[];
  readonly #own = new OwnCounts();
  readonly #shared: SharedCounts | undefined;
  /** By caller, in the order of their turns. */
  readonly #lines = new Map<string, Waiter[]>();
  /** How many wait for each counter, by its name. */
  readonly #waitedFor = new Map<string, number>();
  #waiting = 0;
  #isServing = false;
  #alarm: AbortController | undefined;

  constructor(limits: readonly RateLimit[], clock: Clock, shared?: SharedCounts) {
    this.#countersOf = countersUnder(limits);
    this.#clock = clock;
    this.#shared = shared;
  }

  /** The refusal of a call that a limit has no room for and will not let wait. */
  refusal(call: RatedCall): SwitchyardError | undefined {
    const refusing = this.#countersOf(call).filter(({ limit }) => limit.onLimit === "refuse");
    const short = refusing.length === 0 ? undefined : this.#shortOf(refusing, call.tokens());
    return short && limited(short.counter.limit, call, short.waitMs);
  }

  /** How long a call would have to wait, at least; 0: it can be taken now. */
  waitMs(call: RatedCall): number {
    const counters = this.#countersOf(call);
    if (counters.length === 0) return 0;
    const short = this.#shortOf(counters, call.tokens());
    const isTaken = () => this.#isWaitedFor(counters) || this.#shared?.isWaitedFor(counters) === true;
    return short?.waitMs ?? (isTaken() ? 1 : 0);
  }

  /** Lets a call through if it need not wait. */
  takeNow(call: RatedCall): Ticket | undefined {
    const counters = this.#countersOf(call);
    if (counters.length === 0) return free;
    return this.#isWaitedFor(counters) ? undefined : this.#take(counters, call.tokens());
  }

  /**
   * Lets a call through, now or when it is its turn.
   * @throws rate_limited when a limit refuses, the wait would not fit or too many wait; the signal's reason when it aborts.
   */
  async take(call: RatedCall, leftMs: number, signal: AbortSignal): Promise<Ticket> {
    const now = this.takeNow(call);
    if (now) return now;
    const counters = this.#countersOf(call);
    const short = this.#shortOf(counters, call.tokens());
    if (short && (short.counter.limit.onLimit === "refuse" || short.waitMs > leftMs)) {
      throw limited(short.counter.limit, call, short.waitMs);
    }
    if (this.#waiting >= inferLimits.rateQueueMax) throw queueFull(this.#waiting);
    return this.#wait(call, counters, signal);
  }

  close(): void {
    this.#shared?.close();
  }

  #wait(call: RatedCall, counters: readonly Counter[], signal: AbortSignal): Promise<Ticket> {
    const name = `${call.caller.workspace}\n${call.caller.key ?? ""}`;
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener("abort", onAbort);
        const line = this.#lines.get(name)?.filter((other) => other !== waiter) ?? [];
        if (line.length > 0) this.#lines.set(name, line);
        else this.#lines.delete(name);
        this.#count(counters, -1);
      };
      const waiter: Waiter = {
        call,
        counters,
        admit: (ticket) => {
          leave();
          resolve(ticket);
        },
      };
      const onAbort = () => {
        leave();
        reject(abortError(signal));
        // Others may have waited only for this one.
        this.#serveSoon();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#lines.set(name, [...(this.#lines.get(name) ?? []), waiter]);
      this.#count(counters, 1);
      if (signal.aborted) onAbort();
      else this.#serveSoon();
    });
  }

  #count(counters: readonly Counter[], by: 1 | -1): void {
    this.#waiting += by;
    for (const { name } of counters) {
      const count = (this.#waitedFor.get(name) ?? 0) + by;
      if (count > 0) this.#waitedFor.set(name, count);
      else this.#waitedFor.delete(name);
    }
  }

  /** Many come and go in one turn of the event loop: the line is looked at once. */
  #serveSoon(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      this.#serve();
    });
  }

  /** Admits whoever can be, in turn, and comes back when the next can, or when others may have made room. */
  #serve(): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
    this.#shared?.waitFor(new Set(this.#waitedFor.keys()));
    let round = this.#serveRound();
    while (round.hasAdmitted) round = this.#serveRound();
    this.#shared?.waitFor(new Set(this.#waitedFor.keys()));
    if (this.#waiting === 0) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const lookMs = this.#shared ? inferLimits.rateLookMs : round.soonestMs;
    this.#clock
      .sleep(Math.max(1, Math.min(round.soonestMs, lookMs)), alarm.signal)
      .then(() => this.#serve())
      .catch(() => undefined);
  }

  /** Gives everyone a turn. A caller who was served waits until the others had theirs. */
  #serveRound(): { hasAdmitted: boolean; soonestMs: number } {
    const reserved = new Set<string>();
    let hasAdmitted = false;
    let soonestMs = minuteMs;
    for (const [name, line] of this.#lines) {
      for (const waiter of line) {
        if (waiter.counters.some((counter) => reserved.has(counter.name))) {
          for (const counter of waiter.counters) reserved.add(counter.name);
          continue;
        }
        const short = this.#shortOf(waiter.counters, waiter.call.tokens());
        const ticket = short ? undefined : this.#take(waiter.counters, waiter.call.tokens());
        if (ticket) {
          hasAdmitted = true;
          waiter.admit(ticket);
          const rest = this.#lines.get(name);
          if (rest) {
            this.#lines.delete(name);
            this.#lines.set(name, rest);
          }
          break;
        }
        if (short) soonestMs = Math.min(soonestMs, short.waitMs);
        for (const counter of waiter.counters) reserved.add(counter.name);
      }
    }
    return { hasAdmitted, soonestMs };
  }

  /** Counts a call here and for all processes, unless either has no room. */
  #take(counters: readonly Counter[], tokens: number): Ticket | undefined {
    const nowMs = this.#clock.monotonicMs();
    if (this.#own.shortOf(counters, tokens, nowMs)) return undefined;
    const place = this.#shared?.take(counters, tokens);
    if (place === "refused") return undefined;
    const correct = this.#own.take(counters, tokens, nowMs);
    return {
      used: (actual) => {
        correct(actual);
        if (typeof place === "object") this.#shared?.correct(place, actual);
        if (this.#waiting > 0 && actual < tokens) this.#serveSoon();
      },
    };
  }

  /** The counter that makes a call wait longest, here or for all processes, if any does. */
  #shortOf(counters: readonly Counter[], tokens: number): Short | undefined {
    const own = this.#own.shortOf(counters, tokens, this.#clock.monotonicMs());
    return longer(own, this.#shared?.shortOf(counters, tokens));
  }

  #isWaitedFor(counters: readonly Counter[]): boolean {
    return this.#waiting > 0 && counters.some(({ name }) => this.#waitedFor.has(name));
  }
}

const free: Ticket = { used: () => undefined };
const minuteMs = 60_000;

function limited(limit: RateLimit, { model }: RatedCall, waitMs: number): SwitchyardError {
  const retryAfterMs = Math.ceil(waitMs);
  return new SwitchyardError("rate_limited", `the settings allow ${limitText(limit)}, and they are used up`, {
    next: `Call again after ${retryAfterMs} ms, or name fallbacks that are not limited`,
    retryable: true,
    details: { model, retry_after_ms: retryAfterMs },
  });
}

function queueFull(waiting: number): SwitchyardError {
  return new SwitchyardError("rate_limited", `${waiting} calls already wait for the settings' rate limits`, {
    next: "Call again in a minute, or raise rate_limits in settings.json",
    retryable: true,
    details: { waiting, retry_after_ms: 60_000 },
  });
}
