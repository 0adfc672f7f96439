import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve, type TestServer } from "../providers/support/server.ts";
import { commandFile } from "../support/world.ts";

const run = promisify(execFile);
let home: string;
let server: TestServer;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "switchyard-probe-"));
  server = await serve((request, response) => {
    const listed = ["qwen3:8b", "a", "b", "c", "d", "e", "f"].map((id) => ({ id }));
    response.setHeader("content-type", "application/json");
    response.end(request.url === "/v1/models" ? JSON.stringify({ data: listed }) : "{}");
  });
});
afterAll(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

async function switchyard(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [commandFile, ...args], {
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    timeout: 30_000,
  });
  return stdout;
}

describe("models --probe", () => {
  test("names the servers it finds and what to write into settings.json, which then works", async () => {
    const said = await switchyard("models", "--probe", `${server.url}/v1/`);
    expect(said).toContain(`✓ mine at ${server.url}/v1: mine/qwen3:8b, mine/a, mine/b, mine/c, mine/d and 2 more`);
    const file = join(home, "settings.json");
    expect(said).toContain(`add to ${file}`);
    await writeFile(file, said.slice(said.indexOf("{"), said.lastIndexOf("}") + 1));
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      endpoints: { mine: { base_url: `${server.url}/v1`, price: { input_per_mtok: 0 } } },
    });

    const again = await switchyard("models", "--probe", `${server.url}/v1`);
    expect(again).toContain("(in settings.json): mine/qwen3:8b");
    expect(again).not.toContain("add to");
    expect(await switchyard("models", "--provider", "mine", "qwen")).toMatch(
      /^✓ mine\/qwen3:8b +text +\$0 input_per_mtok/,
    );
    expect(await switchyard("doctor")).toContain(`✓ mine (endpoint), at ${server.url}/v1`);
  });

  test("says where it looked when nothing is there", async () => {
    const gone = await serve(() => {});
    await gone.close();
    const said = await switchyard("models", "--probe", `${gone.url}/v1`);
    expect(said).toContain(`No model server at ${gone.url}/v1.`);
  });

  test("looks at the usual ports by itself", async () => {
    const said = await switchyard("models", "--probe");
    // What runs on the machine decides which of the two it is.
    expect(said).toMatch(/^(?:✓ |No model server at http:\/\/127\.0\.0\.1:11434\/v1, )/);
  });

  test("refuses what is no address", async () => {
    await expect(switchyard("models", "--probe", "localhost")).rejects.toMatchObject({
      stderr: expect.stringContaining("is no address of a server"),
    });
  });
});
