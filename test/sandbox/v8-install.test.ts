import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import type { openSandbox } from "../../src/sandbox/sandbox.ts";
import { hostOf } from "../support/sandbox.ts";

/** The bundle as it is installed by a package manager that links packages from a store, in a folder with spaces. */
let directory = "";
let dist = "";
let engine = "";
beforeAll(async () => {
  const root = join(import.meta.dirname, "../..");
  directory = await mkdtemp(join(tmpdir(), "switchyard, installed "));
  const own = join(directory, "store/switchyard/node_modules");
  const others = join(directory, "store/isolated-vm/node_modules");
  dist = join(own, "switchyard-mcp/dist");
  engine = join(others, "isolated-vm");
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, "../package.json"), '{ "name": "switchyard-mcp", "type": "module" }');
  const files = ["package.json", "isolated-vm.js", `prebuilds/${process.platform}-${process.arch}`];
  for (const file of files) {
    await cp(join(root, "node_modules/isolated-vm", file), join(engine, file), { recursive: true });
  }
  await cp(join(root, "node_modules/node-gyp-build"), join(others, "node-gyp-build"), { recursive: true });
  await symlink(engine, join(own, "isolated-vm"));
  await build({
    absWorkingDir: root,
    entryPoints: { sandbox: "src/sandbox/sandbox.ts", "sandbox-v8": "src/sandbox/v8/child.ts" },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.23",
    external: ["@modelcontextprotocol/client", "undici"],
    logLevel: "warning",
  });
});
afterAll(() => rm(directory, { recursive: true }));

async function runOnV8(code: string, from = dist) {
  const bundle = (await import(pathToFileURL(join(from, "sandbox.js")).href)) as { openSandbox: typeof openSandbox };
  const sandbox = bundle.openSandbox({ clock: systemClock, rng: systemRng });
  try {
    return await sandbox.exec({ code, engine: "v8", timeout_ms: 30_000 }, hostOf(), localCaller);
  } finally {
    await sandbox.close();
  }
}

test("V8 starts from an installed bundle", async () => {
  expect(await runOnV8("const { args } = await AI.run(20); args[0] + 22")).toMatchObject({ status: "ok", result: 42 });
});

test("V8 that has no build for this Node, or is not installed, says so and what to do", async () => {
  await rename(join(engine, "prebuilds"), join(engine, "elsewhere"));
  await expect(runOnV8("1")).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining(`no build for Node ${process.versions.node}`),
  });
  const alone = join(directory, "alone");
  await cp(join(dist, ".."), alone, { recursive: true });
  await expect(runOnV8("1", join(alone, "dist"))).rejects.toMatchObject({
    code: "unsupported",
    next: expect.stringContaining("npm install isolated-vm"),
  });
});
