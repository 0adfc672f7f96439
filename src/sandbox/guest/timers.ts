import type { GuestLimits, Realm, Send } from "./realm.ts";

/** `setTimeout`, `setInterval`, their clearing, and `queueMicrotask`. The host keeps the time. */
export function installTimers(realm: Realm, send: Send, limits: GuestLimits) {
  interface Timer {
    readonly run: () => void;
    readonly everyMs: number | undefined;
  }
  const timers = realm.create(null) as Record<number, Timer>;
  const { apply } = realm;
  const settled = realm.Promise.resolve();
  const then = realm.Promise.prototype.then;
  let last = 0;
  let live = 0;

  function start(callback: unknown, ms: unknown, args: unknown[], repeats: boolean): number {
    if (typeof callback !== "function") throw new realm.TypeError("the first argument is not a function");
    if (live >= limits.timers) throw new realm.Error(`more than ${limits.timers} timers at once`);
    let delayMs = Number(ms);
    if (!(delayMs > 0)) delayMs = 0;
    last++;
    live++;
    timers[last] = { run: () => apply(callback, undefined, args), everyMs: repeats ? delayMs : undefined };
    send("timer", last, `${delayMs}`, "");
    return last;
  }

  function stop(id: unknown): void {
    const key = Number(id);
    if (timers[key] === undefined) return;
    delete timers[key];
    live--;
    send("clear", key, "", "");
  }

  /** The host says that a timer's time has come. */
  function fire(id: number): void {
    const timer = timers[id];
    if (timer === undefined) return;
    if (timer.everyMs === undefined) {
      delete timers[id];
      live--;
    } else {
      send("timer", id, `${timer.everyMs}`, "");
    }
    timer.run();
  }

  const globals: Record<string, unknown> = {
    setTimeout: (callback: unknown, ms: unknown, ...args: unknown[]) => start(callback, ms, args, false),
    setInterval: (callback: unknown, ms: unknown, ...args: unknown[]) => start(callback, ms, args, true),
    setImmediate: (callback: unknown, ...args: unknown[]) => start(callback, 0, args, false),
    clearTimeout: stop,
    clearInterval: stop,
    clearImmediate: stop,
    queueMicrotask: (callback: unknown) => {
      if (typeof callback !== "function") throw new realm.TypeError("the first argument is not a function");
      apply(then, settled, [() => apply(callback as () => unknown, undefined, [])]);
    },
  };
  for (const name of realm.keys(globals)) {
    realm.define(globalThis, name, { value: globals[name], writable: true, configurable: true });
  }
  return { fire };
}
