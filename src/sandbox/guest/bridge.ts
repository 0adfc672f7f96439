import type { GuestLimits, Realm, Send } from "./realm.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Made where the call was made, so that its stack names the user's line. */
  readonly error: Error & { code?: unknown };
}

/** Calls out of the guest, their answers, and the run's end. */
export function makeBridge(realm: Realm, send: Send, limits: GuestLimits) {
  const { stringify, parse, slice, hasOwn } = realm;
  const NativePromise = realm.Promise;
  const NativeError = realm.Error;
  const pending = realm.create(null) as Record<number, Pending>;
  let calls = 0;

  function fail(error: Pending["error"], name: string, code: string, message: string): Error {
    realm.define(error, "name", { value: name, configurable: true, writable: true });
    realm.define(error, "message", { value: message, configurable: true, writable: true });
    realm.define(error, "code", { value: code, configurable: true, writable: true, enumerable: true });
    return error;
  }

  /** Asks the host for `name(...args)`. Rejects with an Error that carries `code`. */
  function call(name: string, args: unknown[]): Promise<unknown> {
    const error: Pending["error"] = new NativeError("");
    return new NativePromise((resolve, reject) => {
      if (calls >= limits.calls) {
        const message = `this run has made its ${limits.calls} host calls. Do the rest in another run`;
        reject(fail(error, "SwitchyardError", "too_large", message));
        return;
      }
      let count = args.length;
      while (count > 0 && args[count - 1] === undefined) count--;
      args.length = count;
      const text = stringify(args);
      if (text.length > limits.callText) {
        const message = `the arguments of ${name} are ${text.length} characters of JSON, more than ${limits.callText}. Pass less, or pass an artifact`;
        reject(fail(error, "SwitchyardError", "too_large", message));
        return;
      }
      calls++;
      pending[calls] = { resolve, reject, error };
      send("call", calls, name, text);
    });
  }

  /** One answer: `kind` is `ok` or `error`, `text` is JSON. */
  function deliver(id: number, kind: string, text: string): void {
    const entry = pending[id];
    if (entry === undefined) return;
    delete pending[id];
    if (kind === "ok") {
      entry.resolve(text === "" ? undefined : parse(text));
      return;
    }
    const facts = parse(text) as { name: string; message: string; code: string };
    entry.reject(fail(entry.error, facts.name, facts.code, facts.message));
  }

  /** Ends the run with what the program came to: `mode` says where in `outcome` its value is. */
  async function finish(outcome: unknown, mode: string, input: unknown): Promise<void> {
    try {
      let value = await outcome;
      if (mode === "script") value = (value as { value: unknown }).value;
      if (mode === "module")
        value = hasOwn(value as object, "default") ? (value as { default: unknown }).default : undefined;
      if (typeof value === "function") value = (value as (input: unknown) => unknown)(input);
      succeed(await value);
    } catch (error) {
      failed(error);
    }
  }

  function succeed(value: unknown): void {
    const text = toJson(value);
    if (text.length > limits.result) send("done", 1, stringify(slice(text, 0, limits.result)), "ok");
    else send("done", 0, text, "ok");
  }

  function toJson(value: unknown): string {
    try {
      return (stringify(value) as string | undefined) ?? "";
    } catch (error) {
      // Big integers are the one common value that JSON refuses; only then is the slow replacer worth its price.
      if (!(error instanceof realm.TypeError)) throw error;
      return (
        (stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}` : inner)) as string | undefined) ??
        ""
      );
    }
  }

  /** Ends the run with an error, whatever was thrown. */
  function failed(thrown: unknown): void {
    const facts = describe(thrown);
    send("done", 0, stringify(facts), "error");
  }

  function describe(thrown: unknown): { name: string; message: string; stack: string; code?: string } {
    const cut = (value: unknown) => slice(typeof value === "string" ? value : realm.String(value), 0, limits.error);
    if (thrown === null || (typeof thrown !== "object" && typeof thrown !== "function")) {
      return { name: thrown === null ? "null" : "Error", message: cut(thrown), stack: "" };
    }
    const seen = thrown as { name?: unknown; message?: unknown; stack?: unknown; code?: unknown };
    const read = (key: "name" | "message" | "stack" | "code", otherwise: string) => {
      try {
        const value = seen[key];
        return typeof value === "string" ? cut(value) : otherwise;
      } catch {
        return otherwise;
      }
    };
    const code = read("code", "");
    const message = read("message", "");
    const name = read("name", "Error");
    const plain = message === "" && !(thrown instanceof NativeError);
    return {
      name,
      message: plain ? plainText(thrown) : message,
      stack: read("stack", ""),
      ...(code === "" ? {} : { code }),
    };
  }

  function plainText(thrown: unknown): string {
    try {
      return slice(stringify(thrown) ?? "", 0, limits.error);
    } catch {
      return "";
    }
  }

  return { call, deliver, finish, failed, describe };
}

export type Bridge = ReturnType<typeof makeBridge>;
