import { SwitchyardError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import type { SandboxHost } from "../../../src/sandbox/host.ts";
import { escapePrograms } from "./escape.data.ts";
import { hostPrograms } from "./host.data.ts";
import { memoryPrograms } from "./memory.data.ts";
import { outputPrograms } from "./output.data.ts";
import { poisonPrograms } from "./poison.data.ts";
import type { HostileProgram } from "./program.ts";
import { timePrograms } from "./time.data.ts";
import { timingPrograms } from "./timing.data.ts";

export const corpus: Readonly<Record<string, readonly HostileProgram[]>> = {
  escape: escapePrograms,
  host: hostPrograms,
  time: timePrograms,
  memory: memoryPrograms,
  output: outputPrograms,
  poison: poisonPrograms,
  timing: timingPrograms,
};

/** A host that answers, fails, hangs or answers awkwardly, as the first argument says. */
export function hostileHost(): SandboxHost {
  return {
    names: ["AI.run", "memory.recall", "artifact.commit"],
    async call(name, args) {
      const [which] = args;
      if (which === "hang") return new Promise(() => {});
      if (which === "fail") throw new SwitchyardError("provider_error", "it failed", { next: "Try again" });
      if (which === "deep") {
        let deep: Json = 1;
        for (let depth = 0; depth < 1_000; depth++) deep = [deep];
        return deep;
      }
      return { name, arguments: args.length };
    },
  };
}

/**
 * A program that writes down what a fresh guest looks like: every property of every built-in, and how functions read
 * and what basic operations come to. Two guests without a past write the same.
 */
export const fingerprint = `
  const lines = [];
  const describe = (value) => typeof value === "function" ? "f" + Function.prototype.toString.call(value).length : typeof value;
  const walk = (path, object, depth) => {
    if (depth > 2 || object === null || (typeof object !== "object" && typeof object !== "function")) return;
    for (const key of Reflect.ownKeys(object)) {
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      const flags = ["writable", "enumerable", "configurable"].map((flag) => property[flag] ? 1 : 0).join("");
      lines.push(path + "." + String(key) + " " + flags + " " + describe(property.value) + describe(property.get));
      if (property.value !== globalThis) walk(path + "." + String(key), property.value, depth + 1);
    }
    lines.push(path + " " + Object.isExtensible(object));
  };
  walk("", globalThis, 0);
  lines.push(JSON.stringify({ a: [1, "x", null] }), [3, 1, 2].sort().join(), "a-b".split("-").length, typeof leakLexical, typeof Leak);
  lines.push(await new Promise((resolve) => setTimeout(() => resolve("timer " + (typeof leakTimer)), 1)));
  lines.push(JSON.stringify(await AI.run("m")));
  fast.hash("sha256", lines.join("\\n")) + " " + lines.length`;

/** What no outcome may ever hold: names of the host's files and machinery. */
export const hostNames =
  /node_modules|parentPort|worker_threads|isolated-vm|src\/sandbox|\/work\/|\/home\/|file:\/\/\/(?!etc)/;
