import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { bindingTypes } from "../../src/sandbox/binding-types.ts";
import { hostOf, realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({
  workers: 1,
  egress: { rules: [{ host: "a.example" }] },
  upstreams: { servers: ["github"], list: async () => [], call: async () => ({ content: [] }) },
});
afterAll(() => sandbox.close());

const program = `
  const stream = AI.run("a/b", "hi", { stream: true });
  for await (const piece of stream) console.log(piece.text.length);
  const { output } = await AI.run("a/b", { messages: [{ role: "user", content: "x" }], params: { temperature: 0 } });
  const text: string | undefined = output.text ?? (await stream.result).output.text;
  const { memories } = await memory.recall({ query: "q", limit: 3 });
  const { commit } = await artifact.commit({ repo: "r", files: { "a.txt": text ?? null }, message: memories[0]?.content ?? "" });
  const found = await mcp.search("issue"); await mcp.github!.create_issue!({ title: found[0]!.name });
  const url = new URL("https://a.example"); url.searchParams.set("q", fast.hash("sha256", commit));
  const response = await fetch(url, { method: "POST", body: new TextEncoder().encode(JSON.stringify(input)) });
  const rows: string[][] = fast.parseCsv(await response.text(), { header: false });
  export default async (): Promise<number> => rows.length + crypto.randomUUID().length;
`;

test("the declarations type-check a program that uses every binding", { timeout: 60_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "switchyard-types-"));
  await writeFile(join(directory, "sandbox.d.ts"), bindingTypes());
  await writeFile(join(directory, "main.ts"), program);
  await writeFile(
    join(directory, "wrong.ts"),
    "export const a: number = (await memory.recall({ query: 5 })).memories;",
  );
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options =
    "--noEmit --strict --target esnext --module esnext --moduleResolution bundler --lib esnext --types".split(" ");
  const check = (file: string) =>
    promisify(execFile)(process.execPath, [tsc, ...options, "", "sandbox.d.ts", file], { cwd: directory });
  expect((await check("main.ts")).stdout).toBe("");
  await expect(check("wrong.ts")).rejects.toMatchObject({ stdout: expect.stringContaining("wrong.ts(1,49)") });
  await rm(directory, { recursive: true });
});

test("every global that is declared is there in a run that may use everything", async () => {
  const names = [...bindingTypes().matchAll(/^declare (?:const|class|function) (\w+)/gm)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThanOrEqual(20);
  const host = hostOf(undefined, ["AI.run", "memory.remember", "artifact.commit"]);
  const code = "input.filter((name) => !(name in globalThis))";
  expect((await runCode(sandbox, code, { input: names }, host)).result).toEqual([]);
});
