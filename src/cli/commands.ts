import { Command, CommanderError, Option } from "commander";
import { SwitchyardError } from "../core/errors.ts";
import { creditsCommands } from "./credits-commands.ts";
import type { KeyOptions } from "./keys.ts";
import type { LogsOptions } from "./logs.ts";
import type { ModelsOptions } from "./models.ts";
import type { ServeOptions } from "./serve.ts";
import type { TokenOptions } from "./tokens.ts";

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
  creditsCommands(root);

  tokens(root);
  memory(root);

  root
    .command("logs")
    .description("calls to models, newest last: who, what, how long, what it cost")
    .option("--limit <number>", "how many", "20")
    .option("--state <state>", "only running, succeeded, failed or cancelled ones")
    .option("--model <text>", "only models whose id holds this")
    .addOption(
      new Option("--attempts", "one line for each attempt at a model, and not for each call").conflicts("content"),
    )
    .option("--follow", "go on as calls end")
    .option("--json", "print JSON lines")
    .option("--content", "print prompts and outputs too, where settings say that they are recorded; with --json")
    .action(async (options: LogsOptions) => {
      const { logs } = await import("./logs.ts");
      await logs(options);
    });

  root
    .command("blob <handle>")
    .description("write the bytes of a blob_… handle to stdout")
    .option("--workspace <name>", "whose it is", "default")
    .action(async (handle: string, options: { workspace: string }) => {
      const { writeBlob } = await import("./blob.ts");
      await writeBlob(handle, options);
    });

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
    .option("--probe [addresses]", "find model servers on this machine, or at these comma-separated addresses")
    .action(async (words: string[], options: ModelsOptions & { readonly probe?: string | true }) => {
      if (options.probe !== undefined) {
        const { probe } = await import("./probe.ts");
        await probe(options.probe);
        return;
      }
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
    .option("--profiles <names>", "comma-separated memory profiles it is limited to")
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
    .command("rotate <id>")
    .description("give a key a new secret; its id, rights, budgets and history stay")
    .option("--grace <hours>", "how long the old secret still works", "24")
    .action(async (id: string, options: { grace: string }) => {
      const { rotateKey } = await import("./keys.ts");
      await rotateKey(id, options);
    });
  command
    .command("revoke <id>")
    .description("make a key useless at once")
    .action(async (id: string) => {
      const { revokeKey } = await import("./keys.ts");
      await revokeKey(id);
    });
}

function tokens(root: Command): void {
  const command = root.command("tokens").description("tokens with which git clients reach repositories over HTTP");
  command
    .command("create [repo]")
    .description("make a token; it is shown once. Without a repository it opens the whole workspace")
    .addOption(new Option("--scope <scope>", "what it may do").choices(["read", "write"]).default("read"))
    .option("--workspace <name>", "the workspace it opens", "default")
    .option("--branch <name>", "the only branch it may push to; agent/* for those below")
    .option("--path <directory>", "the only directory its pushes may change")
    .option("--ttl <seconds>", "how long it lives")
    .action(async (repo: string | undefined, options: TokenOptions) => {
      const { createToken } = await import("./tokens.ts");
      await createToken(repo, options);
    });
  command
    .command("list")
    .option("--workspace <name>", "whose", "default")
    .description("list tokens, without the tokens themselves")
    .action(async (options: { workspace: string }) => {
      const { listTokens } = await import("./tokens.ts");
      await listTokens(options);
    });
  command
    .command("revoke <id>")
    .option("--workspace <name>", "whose", "default")
    .description("make a token useless at once")
    .action(async (id: string, options: { workspace: string }) => {
      const { revokeToken } = await import("./tokens.ts");
      await revokeToken(id, options);
    });
}

function memory(root: Command): void {
  const command = root.command("memory").description("what agents remember, as JSON Lines");
  command
    .command("export [profile]")
    .option("--workspace <name>", "whose", "default")
    .description("write a profile with its history to stdout")
    .action(async (profile: string | undefined, options: { workspace: string }) => {
      const { exportMemory } = await import("./memory.ts");
      await exportMemory(profile, options);
    });
  command
    .command("import [profile]")
    .option("--workspace <name>", "whose", "default")
    .description("store what export wrote, or the MCP reference memory server's file, from stdin; can be repeated")
    .action(async (profile: string | undefined, options: { workspace: string }) => {
      const { importMemory } = await import("./memory.ts");
      await importMemory(profile, options);
    });
}
