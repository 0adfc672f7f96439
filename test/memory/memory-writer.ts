import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { SwitchyardError } from "../../src/core/errors.ts";
import { openMemory } from "../../src/memory/memory.ts";

/**
 * A process that uses memory the way a host's server does, for tests with several of them. Every acknowledged step is
 * a line on stdout. `remember`: that many memories one by one, `padding` characters each. `eraseEach`: erases each of
 * its own memories whose number is a multiple of it.
 */
interface Task {
  readonly directory: string;
  readonly name: string;
  readonly remember: number;
  readonly padding?: number;
  readonly eraseEach?: number;
}

const task = JSON.parse(process.argv[2] ?? "") as Task;
const memory = openMemory({ directory: task.directory, clock: systemClock, rng: systemRng });
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  for (let number = 1; number <= task.remember; number += 1) {
    const content = `${task.name} note ${number} ${"x".repeat(task.padding ?? 0)}`;
    const memories = [{ content, session: task.name }];
    const { memories: kept } = await memory.remember({ memories }, localCaller);
    const id = kept[0]?.id ?? "";
    if (task.eraseEach !== undefined && number % task.eraseEach === 0) {
      await memory.forget({ ids: [id], mode: "erase" }, localCaller);
      say({ erased: id, number });
    } else {
      say({ remembered: id, number });
    }
  }
} catch (error) {
  const known = error instanceof SwitchyardError;
  say({
    error: known ? error.code : String(error),
    message: (error as Error).message,
    retryable: known && error.retryable,
  });
}
await memory.close();
