import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandFile } from "../support/world.ts";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "switchyard-command-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function switchyard(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandFile, ...args], {
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe("the command", () => {
  it("has a help that names every command", () => {
    const { status, stdout } = switchyard("--help");
    expect(status).toBe(0);
    for (const command of ["stdio", "serve", "demo", "doctor", "keys", "credits", "models", "types"])
      expect(stdout).toContain(command);
  });

  it("prints the sandbox's declarations", () => {
    const { status, stdout } = switchyard("types");
    expect(status).toBe(0);
    expect(stdout).toContain("declare const AI");
  });

  it.each([
    [["nonsense"]],
    [["serve", "--port", "ninety"]],
    [["serve", "--host", "0.0.0.0", "--no-auth"]],
    [["credits", "grant", "-5"]],
    [["credits", "grant", "lots"]],
    [["keys", "revoke", "key_none"]],
    [["models", "--task", "cooking"]],
    [["stdio", "--tool-names=spaced"]],
  ])("%j fails with one line on stderr that says what to do", (args) => {
    const { status, stdout, stderr } = switchyard(...args);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^switchyard: [a-z_]+: [^\n]+\.\n$/);
  });

  it("grants credits and shows the balance, across processes", () => {
    expect(switchyard("credits", "grant", "25").stdout).toContain("Available now: $35");
    expect(switchyard("credits").stdout).toMatch(/available +\$35\n/);
  });

  it("makes a key once, lists it without the key, and revokes it", () => {
    const made = switchyard("keys", "create", "laptop", "--models", "openai/*").stdout;
    const key = /^(sy_\S+)$/m.exec(made)?.[1] ?? "none";
    const id = /key_\w+/.exec(made)?.[0] ?? "none";
    const listed = switchyard("keys", "list").stdout;
    expect(listed).toContain(id);
    expect(listed).toContain("openai/*");
    expect(listed).not.toContain(key);
    expect(switchyard("keys", "revoke", id).status).toBe(0);
    expect(switchyard("keys", "list").stdout).toMatch(new RegExp(`^${id}.*REVOKED`, "m"));
  });

  it("doctor says what is missing and prints each host's config", () => {
    const { status, stdout } = switchyard("doctor");
    expect(status).toBe(0);
    expect(stdout).toContain("Set OPENAI_API_KEY");
    for (const host of ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "Codex"]) expect(stdout).toContain(host);
  });

  it("models finds models by words", () => {
    expect(switchyard("models", "haiku", "--provider", "anthropic").stdout).toContain("anthropic/claude-haiku-4-5");
  });
});
