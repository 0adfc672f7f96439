import type { Clock } from "../../core/clock.ts";
import { abortError } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import { Counter, counterId, limitText, matches, type RatedCall, type RateLimit } from "./limit.ts";

/** A call that was let through. */
export interface Ticket {
  /** What it really used, in tokens, once that is known. */
  used(tokens: number): void;
}

interface Waiter {
  readonly call: RatedCall;
  readonly counters: readonly Counter[];
  admit(): void;
}

/**
 * Keeps calls within the settings' limits before a provider has to refuse them. Those that must wait stand in line:
 * callers take turns, each with its oldest call first, and nobody takes what the one whose turn it is waits for. The
 * counts are this process's own.
 */
export class RateGate {
  readonly #limits: readonly RateLimit[];
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();
  /** By caller, in the order of their turns. */
  readonly #lines = new Map<string, Waiter[]>();
  /** How many wait for each counter. */
  readonly #waitedFor = new Map<Counter, number>();
  #waiting = 0;
  #isServing = false;
  #alarm: AbortController | undefined;

  constructor(limits: readonly RateLimit[], clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The refusal of a call that a limit has no room for and will not let wait. */
  refusal(call: RatedCall): SwitchyardError | undefined {
    for (const counter of this.#countersOf(call)) {
      if (counter.limit.onLimit === "wait") continue;
      const waitMs = counter.waitMs(call.tokens(), this.#clock.monotonicMs());
      if (waitMs > 0) return limited(counter.limit, call, waitMs);
    }
    return undefined;
  }

  /** How long a call would have to wait, at least; 0: it can be taken now. */
  waitMs(call: RatedCall): number {
    const counters = this.#countersOf(call);
    if (counters.length === 0) return 0;
    const short = this.#shortOf(counters, call.tokens());
    return short?.waitMs ?? (this.#isWaitedFor(counters) ? 1 : 0);
  }

  /** Lets a call through if it need not wait. */
  takeNow(call: RatedCall): Ticket | undefined {
    const counters = this.#countersOf(call);
    if (counters.length === 0) return free;
    const mustWait = this.#isWaitedFor(counters) || this.#shortOf(counters, call.tokens()) !== undefined;
    return mustWait ? undefined : this.#admit(counters, call.tokens());
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
        admit: () => {
          leave();
          resolve(this.#admit(counters, call.tokens()));
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
    for (const counter of counters) {
      const count = (this.#waitedFor.get(counter) ?? 0) + by;
      if (count > 0) this.#waitedFor.set(counter, count);
      else this.#waitedFor.delete(counter);
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

  /** Admits whoever can be, in turn, and comes back when the next can. */
  #serve(): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
    while (this.#serveOne());
    const waits = [...this.#lines.values()].flat().map(({ call, counters }) => {
      return this.#shortOf(counters, call.tokens())?.waitMs ?? 0;
    });
    if (waits.length === 0) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#clock
      .sleep(Math.max(1, Math.min(...waits.filter((ms) => ms > 0))), alarm.signal)
      .then(() => this.#serve())
      .catch(() => undefined);
  }

  #serveOne(): boolean {
    const taken = new Set<Counter>();
    for (const [name, line] of this.#lines) {
      for (const waiter of line) {
        const isFree = !waiter.counters.some((counter) => taken.has(counter));
        if (isFree && !this.#shortOf(waiter.counters, waiter.call.tokens())) {
          waiter.admit();
          // Its next call waits until the others had their turn.
          const rest = this.#lines.get(name);
          if (rest) {
            this.#lines.delete(name);
            this.#lines.set(name, rest);
          }
          return true;
        }
        for (const counter of waiter.counters) taken.add(counter);
      }
    }
    return false;
  }

  #admit(counters: readonly Counter[], tokens: number): Ticket {
    const nowMs = this.#clock.monotonicMs();
    const places = counters.map((counter) => {
      counter.requests?.take(1, nowMs);
      return { window: counter.tokens, at: counter.tokens?.take(tokens, nowMs) };
    });
    return {
      used: (actual) => {
        for (const { window, at } of places) if (at !== undefined) window?.correct(at, actual - tokens);
        if (this.#waiting > 0 && actual < tokens) this.#serveSoon();
      },
    };
  }

  /** The counter that makes a call wait longest, if any does. */
  #shortOf(counters: readonly Counter[], tokens: number): { counter: Counter; waitMs: number } | undefined {
    const nowMs = this.#clock.monotonicMs();
    let longest: { counter: Counter; waitMs: number } | undefined;
    for (const counter of counters) {
      const waitMs = counter.waitMs(tokens, nowMs);
      if (waitMs > (longest?.waitMs ?? 0)) longest = { counter, waitMs };
    }
    return longest;
  }

  #isWaitedFor(counters: readonly Counter[]): boolean {
    return this.#waiting > 0 && counters.some((counter) => this.#waitedFor.has(counter));
  }

  #countersOf(call: RatedCall): readonly Counter[] {
    if (this.#limits.length === 0) return none;
    return this.#limits.flatMap((limit, at) => {
      if (!matches(limit, call)) return [];
      const id = counterId(at, limit, call);
      let counter = this.#counters.get(id);
      if (!counter) {
        if (this.#counters.size >= inferLimits.rateCountersMax) this.#makeRoom();
        counter = new Counter(limit);
        this.#counters.set(id, counter);
      }
      return [counter];
    });
  }

  /** Counters by key or model come and go with them. */
  #makeRoom(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, counter] of this.#counters) if (counter.isIdle(nowMs)) this.#counters.delete(id);
    // None is idle: the one that was made first begins anew when it is next needed.
    const [oldest] = this.#counters.keys();
    if (oldest !== undefined && this.#counters.size >= inferLimits.rateCountersMax) this.#counters.delete(oldest);
  }
}

const free: Ticket = { used: () => undefined };
const none: readonly Counter[] = [];

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
