import type { Bridge } from "./bridge.ts";
import type { Realm } from "./realm.ts";

/**
 * Makes one function for each host binding (`"AI.run"` is `AI.run()`), in frozen namespaces. The names themselves
 * are the user's to shadow: `const memory = …` at the top of a program is not an error.
 */
export function makeBindings(realm: Realm, bridge: Bridge, installFetch: () => void) {
  const { define, indexOf, slice } = realm;

  function bind(names: string[]): void {
    const spaces = realm.create(null) as Record<string, Record<string, unknown>>;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      if (name === "fetch") {
        installFetch();
        continue;
      }
      const dot = indexOf(name, ".");
      const method = dot < 0 ? name : slice(name, dot + 1);
      const fn = name === "AI.run" ? runModel : (...args: unknown[]) => bridge.call(name, args);
      define(fn, "name", { value: method });
      if (dot < 0) {
        publish(name, fn);
        continue;
      }
      const space = slice(name, 0, dot);
      let members = spaces[space];
      if (members === undefined) {
        members = {};
        spaces[space] = members;
      }
      define(members, method, { value: fn, enumerable: true });
    }
    const found = realm.keys(spaces);
    for (let index = 0; index < found.length; index++) {
      const space = found[index] as string;
      publish(space, realm.freeze(spaces[space]));
    }
  }

  function runModel(...args: unknown[]) {
    const options = args[2] as { stream?: unknown } | undefined;
    return options?.stream === true ? bridge.stream("AI.run", args) : bridge.call("AI.run", args);
  }

  /** `mcp.<server>.<tool>(args)` for every server, without knowing its tools; `mcp.search` and `mcp.describe` find them. */
  function bindServers(servers: string[]): void {
    if (servers.length === 0) return;
    const mcp: Record<string, unknown> = {
      search: (...args: unknown[]) => bridge.call("mcp.search", args),
      describe: (...args: unknown[]) => bridge.call("mcp.describe", args),
    };
    for (let index = 0; index < servers.length; index++) {
      const server = servers[index] as string;
      const tools = realm.freeze(realm.create(null));
      const get = (_target: object, tool: unknown) =>
        // A server is not a promise: `await mcp.github` must not call a tool named `then`.
        typeof tool === "string" && tool !== "then"
          ? (args: unknown) => bridge.call("mcp.call", [server, tool, args])
          : undefined;
      define(mcp, server, { value: new Proxy(tools, { get }), enumerable: true });
    }
    publish("mcp", realm.freeze(mcp));
  }

  function publish(name: string, value: unknown): void {
    define(globalThis, name, { value, writable: true, configurable: true });
  }

  return { bind, bindServers };
}
