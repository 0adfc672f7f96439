// A process of its own that commits: `node committer-process.ts <directory> <name> <count> [expected head]`.
import { openArtifacts } from "../../../src/artifacts/artifacts.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { toErrorFacts } from "../../../src/core/errors.ts";

const [directory = "", name = "", count = "1", expectedHead] = process.argv.slice(2);
const artifacts = openArtifacts({ directory, clock: systemClock, rng: systemRng });
// The parent starts all of them and then lets them go at once.
process.stdout.write("ready\n");
await new Promise((resolve) => process.stdin.once("data", resolve).resume());
const outcomes: string[] = [];
for (let i = 0; i < Number(count); i++) {
  const files = { [`${name}-${i}.txt`]: `${name} ${i}` };
  const args = { repo: "race", files, message: `${name} ${i}`, metadata: { name, i } };
  try {
    const expected = expectedHead === undefined ? {} : { expected_head: expectedHead };
    outcomes.push((await artifacts.commit({ ...args, ...expected }, localCaller)).commit);
  } catch (error) {
    outcomes.push(toErrorFacts(error).code);
  }
}
await artifacts.close();
process.stdout.write(outcomes.join("\n"), () => process.exit(0));
