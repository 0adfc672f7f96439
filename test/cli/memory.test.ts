import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { commandFile, openWorld } from "../support/world.ts";

it("memory import takes what export wrote, whatever separators the memories hold", async () => {
  const world = await openWorld();
  onTestFinished(() => world.close());
  const env = { PATH: process.env.PATH ?? "", SWITCHYARD_HOME: world.home };
  const connection = await world.connect();
  const content = "a heron\u2028stood\u2029still\u0085there";
  await connection.call("memory_remember", { content });
  const command = (...args: string[]) =>
    promisify(execFile)(process.execPath, [commandFile, "memory", ...args], { env });
  const exported = (await command("export")).stdout;
  const importing = command("import", "copy");
  importing.child.stdin?.end(exported);
  expect((await importing).stdout).toContain("imported: 1, duplicates: 0, skipped: 0");
  const { memories } = (await connection.call("memory_list", { profile: "copy" })).structured;
  expect(memories).toMatchObject([{ content }]);
});
