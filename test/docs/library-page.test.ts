import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const blocksOf = async (page: string) =>
  [...(await readFile(join(root, page), "utf8")).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ""]) => code);
const isOurs = (code: string) => code.includes('from "switchyard-mcp"');
const examples = [...(await blocksOf("docs/library.md")), ...(await blocksOf("README.md"))].filter(isOurs);

let directory: string;
let home: string;
let simulator: Simulator;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "switchyard-examples-"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  home = await mkdtemp(join(tmpdir(), "switchyard-library-"));
  simulator = await startSimulator();
  const providers = Object.fromEntries(
    (["openai", "anthropic", "google"] as const).map((name) => [
      name,
      { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
    ]),
  );
  await writeFile(join(home, "settings.json"), JSON.stringify({ providers }));
  const entry = join(root, "src/index.ts");
  for (const [at, code] of examples.entries()) {
    await writeFile(join(directory, `example-${at}.ts`), code.replaceAll('"switchyard-mcp"', JSON.stringify(entry)));
  }
});
afterAll(async () => {
  await simulator.close();
  await rm(directory, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

/** What the compiler says of files in the directory of examples. */
async function compile(files: readonly string[]): Promise<string> {
  const config = {
    extends: join(root, "tsconfig.json"),
    include: [...files, join(root, "src/**/*.d.ts")],
    compilerOptions: { rootDir: "/", typeRoots: [join(root, "node_modules/@types")] },
  };
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return run(process.execPath, [tsc, "-p", directory], { cwd: root }).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}

describe("the examples of the library", () => {
  it("are there", () => {
    expect(examples.length).toBeGreaterThan(7);
  });

  it("compile", async () => {
    expect(await compile(examples.map((_, at) => `example-${at}.ts`))).toBe("");
  });

  it("do what they say", async () => {
    const program = examples.map((_, at) => `await import(${JSON.stringify(join(directory, `example-${at}.ts`))});`);
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", program.join("\n")], {
      env: { PATH: process.env.PATH ?? "", SWITCHYARD_HOME: home },
      cwd: directory,
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("What is a switchyard?");
    expect(stdout).toMatch(/\n\d+ tokens, \$0\.\d+/);
    expect(stdout).toContain("[ 256, 256 ]");
    expect(stdout).toMatch(/blob_[0-9a-f]{64} image\/png \d+/);
    expect(stdout).toContain("3 degrees in Oslo");
    expect(stdout).toContain("openai/gpt-5.4-mini succeeded");
    expect(stdout).toContain("[ 'openai/gpt-5.4-mini 1' ]");
  });
});

describe("AI.run is typed by the model's task", () => {
  const wrong = {
    "a parameter of another task": `AI.run("openai/text-embedding-3-small", { params: { input: "x", temperature: 1 } })`,
    "a missing parameter": `AI.run("openai/text-embedding-3-small", { params: { dimensions: 3 } })`,
    "an output that the task does not have": `(await AI.run("openai/gpt-image-2", "x")).output.text`,
    "a loop over an answer that does not stream": `(await AI.run("openai/gpt-5.4-mini", "x"))[Symbol.asyncIterator]`,
    "a misspelt option": `AI.run("openai/gpt-5.4-mini", "x", { fallback: [] })`,
  };
  const right = `import { openSwitchyard } from ${JSON.stringify(join(root, "src/index.ts"))};
const { AI } = await openSwitchyard();
const route: unknown = (await AI.run("route/fast", "x", { params: { anything: 1 } })).output.images;
const streamed: number[] | undefined = undefined;
void [route, streamed];
`;

  it("takes what is right and refuses what is wrong", async () => {
    const lines = Object.values(wrong).map((code) => `// @ts-expect-error\nvoid ${code};`);
    await writeFile(join(directory, "typed.ts"), `${right}${lines.join("\n")}\n`);
    expect(await compile(["typed.ts"])).toBe("");
  });
});
