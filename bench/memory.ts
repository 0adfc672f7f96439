import { parseArgs } from "node:util";
import { generate, usualSize } from "./memory/generate.ts";
import { loadLocomo } from "./memory/locomo.ts";
import { reportRetrieval } from "./memory/retrieval.ts";
import { reportTiming } from "./memory/timing.ts";

/**
 * Memory: what is found, and how fast.
 * `node bench/memory.ts [retrieval | timing] [--seed 1] [--follow-ups 0.6] [--locomo locomo10.json] [--sizes 1000,10000,100000]`
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    "follow-ups": { type: "string", default: String(usualSize.followUps) },
    locomo: { type: "string" },
    sizes: { type: "string", default: "1000,10000,100000" },
  },
});
const [part] = positionals;

if (part === undefined || part === "retrieval") {
  const size = { ...usualSize, followUps: Number(values["follow-ups"]) };
  await reportRetrieval(values.locomo === undefined ? generate(Number(values.seed), size) : loadLocomo(values.locomo));
}
if (part === undefined || part === "timing") await reportTiming(values.sizes.split(",").map(Number));
