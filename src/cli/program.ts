import { formatErrorLine, toErrorFacts } from "../core/errors.ts";
import { version } from "./version.ts";

/**
 * Runs the command. `stdio` is what hosts spawn: it is started without loading the rest of the command, because its
 * cold start is what a person waits for.
 */
export async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args;
  try {
    if (first === undefined || first === "stdio" || isStdioOption(first)) {
      const { stdio } = await import("./stdio.ts");
      await stdio(first === "stdio" ? rest : args);
    } else {
      const { runCommand } = await import("./commands.ts");
      await runCommand(args, version);
    }
  } catch (error) {
    fail(error);
  }
}

function isStdioOption(argument: string): boolean {
  return argument.startsWith("--tool-names") || argument === "--conformance-fixtures";
}

/** One line on stderr and exit code 1. The stack is for `SWITCHYARD_DEBUG` alone. */
function fail(error: unknown): void {
  process.stderr.write(`switchyard: ${formatErrorLine(toErrorFacts(error))}\n`);
  if (process.env.SWITCHYARD_DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
