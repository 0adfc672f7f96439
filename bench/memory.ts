import { parseArgs } from "node:util";
import { generate } from "./memory/generate.ts";
import { loadLocomo } from "./memory/locomo.ts";
import { reportRetrieval } from "./memory/retrieval.ts";

/**
 * Memory: what is found, and how fast. `node bench/memory.ts [--seed 1] [--locomo locomo10.json]
 * [--timing] [--sizes 1000,10000,100000]`. Without `--timing` it measures retrieval only.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    locomo: { type: "string" },
  },
});

const conversations = values.locomo === undefined ? generate(Number(values.seed)) : loadLocomo(values.locomo);
await reportRetrieval(conversations);
