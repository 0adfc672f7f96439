import type { Bridge } from "./bridge.ts";
import type { Realm } from "./realm.ts";

/**
 * Makes one function for each host binding (`"AI.run"` is `AI.run()`), in frozen namespaces. The names themselves
 * are the user's to shadow: `const memory = …` at the top of a program is not an error.
 */
export function makeBindings(realm: Realm, bridge: Bridge) {
  return function bind(names: string[]): void {
    const spaces = realm.create(null) as Record<string, Record<string, unknown>>;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      const dot = realm.indexOf(name, ".");
      const fn = (...args: unknown[]) => bridge.call(name, args);
      const method = dot < 0 ? name : realm.slice(name, dot + 1);
      realm.define(fn, "name", { value: method });
      if (dot < 0) {
        publish(name, fn);
        continue;
      }
      const space = realm.slice(name, 0, dot);
      let members = spaces[space];
      if (members === undefined) {
        members = {};
        spaces[space] = members;
      }
      realm.define(members, method, { value: fn, enumerable: true });
    }
    const found = realm.keys(spaces);
    for (let index = 0; index < found.length; index++) {
      const space = found[index] as string;
      publish(space, realm.freeze(spaces[space]));
    }
  };

  function publish(name: string, value: unknown): void {
    realm.define(globalThis, name, { value, writable: true, configurable: true });
  }
}
