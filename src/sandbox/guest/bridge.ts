import type { GuestLimits, Realm, Send } from "./realm.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onChunk: ((chunk: unknown) => void) | undefined;
  /** Made where the call was made, so that its stack names the user's line. */
  readonly error: HostError;
}

type HostError = Error & { code?: unknown };

/** Calls out of the guest and their answers. */
export function makeBridge(realm: Realm, send: Send, limits: GuestLimits) {
  const { stringify, parse } = realm;
  const NativePromise = realm.Promise;
  const NativeError = realm.Error;
  const pending = realm.create(null) as Record<number, Pending>;
  let calls = 0;

  function fail(error: HostError, name: string, code: string, message: string): HostError {
    realm.define(error, "name", { value: name, configurable: true, writable: true });
    realm.define(error, "message", { value: message, configurable: true, writable: true });
    realm.define(error, "code", { value: code, configurable: true, writable: true, enumerable: true });
    return error;
  }

  function tooLarge(error: HostError, message: string): HostError {
    return fail(error, "SwitchyardError", "too_large", message);
  }

  function open(name: string, args: unknown[], entry: Pending): number {
    if (calls >= limits.calls) {
      throw tooLarge(entry.error, `this run has made its ${limits.calls} host calls. Do the rest in another run`);
    }
    let count = args.length;
    while (count > 0 && args[count - 1] === undefined) count--;
    args.length = count;
    const text = stringify(args);
    if (text.length > limits.callText) {
      const sizes = `${text.length} characters of JSON, more than ${limits.callText}`;
      throw tooLarge(entry.error, `the arguments of ${name} are ${sizes}. Pass less, or pass an artifact`);
    }
    calls++;
    pending[calls] = entry;
    send("call", calls, name, text);
    return calls;
  }

  /** Asks the host for `name(...args)`. Rejects with an Error that carries `code`. */
  function call(name: string, args: unknown[]): Promise<unknown> {
    const error: HostError = new NativeError("");
    return new NativePromise((resolve, reject) => {
      open(name, args, { resolve, reject, error, onChunk: undefined });
    });
  }

  /** The same for an answer that comes in pieces: an async iterable of them, with the whole as `result`. */
  function stream(name: string, args: unknown[]) {
    const error: HostError = new NativeError("");
    const chunks: unknown[] = [];
    let read = 0;
    let isDone = false;
    let wake: (() => void) | undefined;
    const changed = () => {
      const waiting = wake;
      wake = undefined;
      waiting?.();
    };
    let id = 0;
    const result = new NativePromise<unknown>((resolve, reject) => {
      const onChunk = (chunk: unknown) => {
        chunks[chunks.length] = chunk;
        changed();
      };
      id = open(name, args, { resolve, reject, error, onChunk });
    });
    const end = () => {
      isDone = true;
      changed();
    };
    realm.apply(realm.Promise.prototype.then, result, [end, end]);

    async function* iterate() {
      try {
        for (;;) {
          if (read < chunks.length) {
            const chunk = chunks[read];
            delete chunks[read];
            read++;
            yield chunk;
          } else if (isDone) {
            // Throws here what the call was answered with, if that is an error.
            await result;
            return;
          } else {
            await new NativePromise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        if (!isDone) send("cancel", id, "", "");
      }
    }
    return { result, [realm.Symbol.asyncIterator]: iterate };
  }

  /** One answer, or a piece of one: `kind` is `ok`, `error` or `chunk`, `text` is JSON. */
  function deliver(id: number, kind: string, text: string): void {
    const entry = pending[id];
    if (entry === undefined) return;
    if (kind === "chunk") {
      entry.onChunk?.(parse(text));
      return;
    }
    delete pending[id];
    if (kind === "ok") {
      entry.resolve(text === "" ? undefined : parse(text));
      return;
    }
    const facts = parse(text) as { name: string; message: string; code: string };
    entry.reject(fail(entry.error, facts.name, facts.code, facts.message));
  }

  return { call, stream, deliver };
}

export type Bridge = ReturnType<typeof makeBridge>;
