import { SwitchyardError } from "../core/errors.ts";
import { openKeeper } from "../keeper/keeper.ts";
import { keeperSocket } from "../keeper/keeper-client.ts";
import { openContext } from "./context.ts";
import { surviveRejections, untilSignalled } from "./process.ts";

/** `switchyard keeper`: runs the calls that outlive the server which took them, as `keeper.runs` in the settings says. */
export async function keeper(): Promise<void> {
  const log = (line: string) => void process.stderr.write(`switchyard keeper: ${line}\n`);
  surviveRejections(log);
  const context = openContext({ isKeeper: true });
  const socket = keeperSocket(context.environment.dataDirectory);
  if (socket === undefined) {
    throw new SwitchyardError("unsupported", "the data directory's path is too long for a local socket", {
      next: "Set SWITCHYARD_HOME to a shorter path; without a keeper, calls end with their server",
    });
  }
  const { infer } = await context.gateway();
  const open = await openKeeper({ socket, infer, log });
  await Promise.race([open.idle, untilSignalled()]);
  await open.close();
  await context.close();
}
