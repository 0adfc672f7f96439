import { localCaller } from "../core/caller.ts";
import { linesOf } from "../core/lines.ts";
import { openContext } from "./context.ts";

/** `switchyard memory export work > work.jsonl`. */
export async function exportMemory(profile: string | undefined, { workspace }: { workspace: string }): Promise<void> {
  const context = openContext();
  const { memory } = await context.gateway();
  for await (const line of memory.exportProfile(profile, { ...localCaller, workspace }))
    process.stdout.write(line.endsWith("\n") ? line : `${line}\n`);
  await context.close();
}

/** `switchyard memory import work < work.jsonl`. */
export async function importMemory(profile: string | undefined, { workspace }: { workspace: string }): Promise<void> {
  const context = openContext();
  const { memory } = await context.gateway();
  const result = await memory.importProfile(profile, linesOf(process.stdin.setEncoding("utf8")), {
    ...localCaller,
    workspace,
  });
  console.log(
    Object.entries(result)
      .map(([what, count]) => `${what}: ${JSON.stringify(count)}`)
      .join(", "),
  );
  await context.close();
}
