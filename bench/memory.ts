import { parseArgs } from "node:util";
import { generate } from "./memory/generate.ts";
import { loadLocomo } from "./memory/locomo.ts";
import { reportRetrieval } from "./memory/retrieval.ts";
import { reportTiming } from "./memory/timing.ts";

/**
 * Memory: what is found, and how fast.
 * `node bench/memory.ts [retrieval | timing] [--seed 1] [--locomo locomo10.json] [--sizes 1000,10000,100000]`
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    locomo: { type: "string" },
    sizes: { type: "string", default: "1000,10000,100000" },
  },
});
const [part] = positionals;

if (part === undefined || part === "retrieval") {
  await reportRetrieval(values.locomo === undefined ? generate(Number(values.seed)) : loadLocomo(values.locomo));
}
if (part === undefined || part === "timing") await reportTiming(values.sizes.split(",").map(Number));
