import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverPath } from "./support/raw-stdio.ts";

// The package exports no path, so its command is found by where its package is.
const conformance = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);
const baseline = fileURLToPath(new URL("./conformance-2025-11-25.yml", import.meta.url));

let server: ChildProcess;
let url: string;
beforeAll(async () => {
  server = spawn(process.execPath, [serverPath, "http", "--conformance"], { stdio: ["ignore", "pipe", "ignore"] });
  if (server.stdout === null) throw new Error("no stdout");
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  url = `${line}/mcp`;
});
afterAll(async () => {
  server.kill();
  await once(server, "exit");
});

test.each([
  ["2026-07-28", []],
  ["2025-11-25", ["--expected-failures", baseline]],
])(
  "every scenario that %s requires of a server passes the official suite",
  async (revision, flags) => {
    const args = [conformance, "server", "--url", url, "--requirements", revision, ...flags];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
      (error: { stdout?: string }) => {
        throw new Error(`the suite failed:\n${error.stdout?.slice(-6_000)}`);
      },
    );
    // A suite that ran nothing would pass as well.
    expect(stdout).toContain("✓ tools-call-simple-text");
    expect(stdout).toContain("✓ dns-rebinding-protection");
  },
  120_000,
);
