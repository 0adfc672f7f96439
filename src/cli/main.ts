#!/usr/bin/env node
import { runtimeProblem } from "./runtime.ts";

// Nothing else is imported before the runtime is known to carry it: `node:sqlite` alone would end an older Node with a stack.
const problem = runtimeProblem(process.versions);
if (problem === undefined) {
  const { main } = await import("./program.ts");
  await main(process.argv.slice(2));
} else {
  process.stderr.write(`switchyard: ${problem}\n`);
  process.exitCode = 1;
}
