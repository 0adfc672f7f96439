import type { GuestLimits, Realm, Send } from "./realm.ts";

/** How a run ends: with a value or with whatever was thrown, written down as text that the host can trust to be short. */
export function makeEnding(realm: Realm, send: Send, limits: GuestLimits) {
  const { stringify, slice, hasOwn } = realm;
  const NativeError = realm.Error;

  /** Ends the run with what the program came to: `mode` says where in `outcome` its value is. */
  async function finish(outcome: unknown, mode: string, input: unknown): Promise<void> {
    try {
      let value = await outcome;
      if (mode === "script") value = (value as { value: unknown }).value;
      if (mode === "module") {
        value = hasOwn(value as object, "default") ? (value as { default: unknown }).default : undefined;
      }
      // The program as the body of a function that it did not write.
      if (mode === "expression") value = await (value as () => unknown)();
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
      const text = stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}` : inner));
      return (text as string | undefined) ?? "";
    }
  }

  /** Ends the run with an error, whatever was thrown. */
  function failed(thrown: unknown): void {
    send("done", 0, stringify(describe(thrown)), "error");
  }

  function describe(thrown: unknown): { name: string; message: string; stack: string; code?: string } {
    if (thrown === null || (typeof thrown !== "object" && typeof thrown !== "function")) {
      const text = slice(realm.String(thrown), 0, limits.error);
      return { name: thrown === null ? "null" : "Error", message: text, stack: "" };
    }
    const seen = thrown as Record<string, unknown>;
    const read = (key: string, otherwise: string) => {
      try {
        const value = seen[key];
        return typeof value === "string" ? slice(value, 0, limits.error) : otherwise;
      } catch {
        return otherwise;
      }
    };
    const code = read("code", "");
    const message = read("message", "");
    return {
      name: read("name", "Error"),
      message: message === "" && !isError(thrown) ? plainText(thrown) : message,
      stack: read("stack", ""),
      ...(code === "" ? {} : { code }),
    };
  }

  function isError(thrown: object): boolean {
    try {
      return thrown instanceof NativeError;
    } catch {
      return false;
    }
  }

  function plainText(thrown: unknown): string {
    try {
      return slice(stringify(thrown) ?? "", 0, limits.error);
    } catch {
      return "";
    }
  }

  return { finish, failed };
}
