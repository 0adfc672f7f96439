import { parseArgs } from "node:util";
import { tools } from "../../tools/index.ts";
import { localCaller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { serveMcpStdio } from "../serve/stdio.ts";
import { openContext } from "./context.ts";
import { instructions } from "./instructions.ts";
import { surviveRejections, untilSignalled } from "./process.ts";
import { version } from "./version.ts";

/** `switchyard stdio`: serves MCP on stdin and stdout until the host hangs up. */
export async function stdio(args: readonly string[]): Promise<void> {
  const { toolNames, conformanceFixtures } = parseStdioOptions(args);
  const log = (line: string) => void process.stderr.write(`switchyard: ${line}\n`);
  surviveRejections(log);
  const context = openContext();
  const server = serveMcpStdio({
    tools,
    gateway: context.gateway,
    caller: localCaller,
    toolNames,
    version,
    instructions,
    log,
    conformanceFixtures,
  });
  await Promise.race([server.closed, untilSignalled()]);
  await server.close();
  await context.close();
}

function parseStdioOptions(args: readonly string[]): {
  toolNames: "underscore" | "dotted";
  conformanceFixtures: boolean;
} {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        "tool-names": { type: "string", default: "underscore" },
        "conformance-fixtures": { type: "boolean", default: false },
      },
    });
    const toolNames = values["tool-names"];
    if (toolNames !== "underscore" && toolNames !== "dotted") throw new Error(`--tool-names is ${toolNames}`);
    return { toolNames, conformanceFixtures: values["conformance-fixtures"] };
  } catch (error) {
    throw new SwitchyardError("invalid_request", (error as Error).message, {
      next: "`switchyard stdio` takes --tool-names=underscore or --tool-names=dotted; `switchyard --help` shows the rest",
    });
  }
}
