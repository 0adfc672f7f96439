import { Command, CommanderError, Option } from "commander";
import { SwitchyardError } from "../core/errors.ts";
import type { KeyOptions } from "./keys.ts";
import type { ModelsOptions } from "./models.ts";
import type { ServeOptions } from "./serve.ts";

/** Every command but `stdio`'s fast path. Each loads its own file when it is run. */
export async function runCommand(args: readonly string[], version: string): Promise<void> {
  try {
    await program(version).parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw new SwitchyardError("invalid_request", error.message.replace(/^error: /, "").replace(/\.$/, ""), {
      next: "`switchyard --help` lists the commands, `switchyard help <command>` what one takes",
    });
  }
}

const toolNames = new Option("--tool-names <spelling>", "how tools are named in tools/list")
  .choices(["underscore", "dotted"])
  .default("underscore");

function program(version: string): Command {
  const root = new Command("switchyard")
    .description("Models, memory, a sandbox and git storage for agents, behind one MCP server with one budget.")
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText(
      "after",
      "\nEverything is kept in SWITCHYARD_HOME (see `switchyard doctor`). Without a command, `stdio` is run.",
    );

  root
    .command("stdio", { isDefault: true })
    .description("serve MCP on stdin and stdout, as hosts spawn it")
    .addOption(toolNames)
    .action(async (options: { toolNames: string }) => {
      const { stdio } = await import("./stdio.ts");
      await stdio([`--tool-names=${options.toolNames}`]);
    });

  root
    .command("serve")
    .description("serve MCP over HTTP on this machine")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 takes a free one", "8787")
    .option("--no-auth", "let any local process in without a key (loopback only)")
    .addOption(toolNames)
    .addOption(new Option("--conformance-fixtures").hideHelp())
    .action(async (options: ServeOptions) => {
      const { serve } = await import("./serve.ts");
      await serve(options);
    });

  root.command("keeper", { hidden: true }).action(async () => {
    const { keeper } = await import("./keeper.ts");
    await keeper();
  });

  root
    .command("demo")
    .description("show the whole product at work without any key, on simulated providers")
    .action(async () => {
      const { demo } = await import("./demo/demo.ts");
      await demo();
    });

  root
    .command("doctor")
    .description("say what is configured, what is missing, and what each host's config should contain")
    .action(async () => {
      const { doctor } = await import("./doctor.ts");
      await doctor();
    });

  keys(root);
  credits(root);

  root
    .command("types")
    .description("print the TypeScript declarations of what a program in the sandbox finds")
    .action(async () => {
      const { bindingTypes } = await import("../sandbox/binding-types.ts");
      process.stdout.write(bindingTypes());
    });

  root
    .command("models [words...]")
    .description("search the catalog")
    .option("--task <task>", "text, image, video, speech, transcription, embedding, …")
    .option("--provider <name>", "only this provider's")
    .option("--usable", "only those that can be called now")
    .option("--limit <number>", "how many", "20")
    .option("--json", "print JSON")
    .action(async (words: string[], options: ModelsOptions) => {
      const { models } = await import("./models.ts");
      await models(words, options);
    });
  return root;
}

function keys(root: Command): void {
  const command = root.command("keys").description("keys with which remote callers reach this server");
  command
    .command("create <name>")
    .description("make a key; it is shown once and kept only as a hash")
    .option("--workspace <name>", "the workspace it works in", "default")
    .option("--models <ids>", "comma-separated model ids it may use; * at the end of one matches the rest")
    .addOption(
      new Option("--memory <access>", "what it may do with memory").choices(["none", "read", "write"]).default("write"),
    )
    .addOption(
      new Option("--artifacts <access>", "what it may do with artifacts")
        .choices(["none", "read", "write"])
        .default("write"),
    )
    .option("--no-sandbox", "it may not run code")
    .action(async (name: string, options: KeyOptions) => {
      const { createKey } = await import("./keys.ts");
      await createKey(name, options);
    });
  command
    .command("list")
    .description("list keys, without the keys themselves")
    .action(async () => {
      const { listKeys } = await import("./keys.ts");
      await listKeys();
    });
  command
    .command("revoke <id>")
    .description("make a key useless at once")
    .action(async (id: string) => {
      const { revokeKey } = await import("./keys.ts");
      await revokeKey(id);
    });
}

function credits(root: Command): void {
  const command = root.command("credits").description("the prepaid pool");
  command
    .command("grant <dollars>")
    .description("add US dollars to the pool")
    .option("--note <text>", "why, for the history")
    .action(async (dollars: string, options: { note?: string }) => {
      const { grantCredits } = await import("./credits.ts");
      await grantCredits(dollars, options);
    });
  command
    .command("balance", { isDefault: true })
    .description("what was granted, is available, is held and was spent")
    .option("--by <what>", "break spending down by provider, model, key, tool or day")
    .option("--json", "print JSON")
    .action(async (options: { by?: string; json?: boolean }) => {
      const { showBalance } = await import("./credits.ts");
      await showBalance(options);
    });
}
