import type { Inspect } from "./inspect.ts";
import type { GuestLimits, Realm, Send } from "./realm.ts";

/** `console`: every line goes to the run's log, until the log is full. */
export function installConsole(realm: Realm, send: Send, limits: GuestLimits, loadInspect: () => Inspect) {
  const { stringify, slice, repeat } = realm;
  let written = 0;
  let entries = 0;
  let isFull = false;
  let indent = 0;
  const counts = realm.create(null) as Record<string, number>;
  const times = realm.create(null) as Record<string, number>;

  function write(level: string, text: string): void {
    if (isFull) return;
    entries++;
    let line = indent === 0 ? text : repeat(" ", indent * 2) + text;
    const left = limits.log - written;
    if (line.length > left || entries > limits.logEntries) {
      isFull = true;
      line = entries > limits.logEntries ? "" : slice(line, 0, left);
    }
    written += line.length;
    send("log", isFull ? 1 : 0, level, stringify(line));
  }

  function print(level: string, args: unknown[], from = 0): void {
    if (isFull) return;
    let text = "";
    const left = limits.log - written;
    for (let index = from; index < args.length; index++) {
      if (index > from) text += " ";
      const value = args[index];
      text += typeof value === "string" ? slice(value, 0, left + 1) : inspect(value, left + 1);
      if (text.length > left) break;
    }
    write(level, text);
  }

  let loaded: Inspect | undefined;
  function inspect(value: unknown, budget: number): string {
    loaded ??= loadInspect();
    return loaded.inspect(value, budget);
  }

  const label = (value: unknown) => (value === undefined ? "default" : realm.String(value));
  const methods: Record<string, (...args: unknown[]) => void> = {
    log: (...args) => print("log", args),
    info: (...args) => print("info", args),
    debug: (...args) => print("debug", args),
    warn: (...args) => print("warn", args),
    error: (...args) => print("error", args),
    trace: (...args) => print("debug", args),
    dir: (value) => print("log", [value]),
    table: (value) => print("log", [value]),
    assert: (condition, ...args) => {
      if (!condition) print("error", ["Assertion failed", ...args]);
    },
    group: (...args) => {
      if (args.length > 0) print("log", args);
      if (indent < 16) indent++;
    },
    groupEnd: () => {
      if (indent > 0) indent--;
    },
    count: (name) => {
      const key = label(name);
      counts[key] = (counts[key] ?? 0) + 1;
      write("log", `${key}: ${counts[key]}`);
    },
    time: (name) => {
      times[label(name)] = Date.now();
    },
    timeEnd: (name) => {
      const started = times[label(name)];
      if (started !== undefined) write("log", `${label(name)}: ${Date.now() - started} ms`);
    },
  };
  realm.define(globalThis, "console", { value: methods, writable: true, configurable: true });
}
