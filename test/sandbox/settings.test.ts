import { describe, expect, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import { upstreamConfigs } from "../../src/sandbox-options.ts";

const parse = (sandbox: object) => parseSettings(JSON.stringify({ sandbox }), "settings.json").sandbox;

describe("upstreams in settings.json", () => {
  const spawned = { command: "npx" };
  test("are spawned or reached over HTTP, with what they need of the environment", () => {
    const { upstreams } = parse({
      upstreams: {
        github: {
          command: "npx",
          args: ["-y", "server"],
          env: { A: "plain", B: { variable: "TOKEN" } },
          timeout_ms: 5,
        },
        linear: { url: "https://a.example/mcp", headers: { Authorization: { variable: "KEY", prefix: "Bearer " } } },
      },
    });
    const settings = { ...parse({}), upstreams };
    const environment = (name: string) => (name === "TOKEN" ? "t0ken-value" : undefined);
    expect(upstreamConfigs(settings, environment)).toEqual([
      {
        name: "github",
        reach: { kind: "stdio", command: "npx", args: ["-y", "server"], env: { A: "plain", B: "t0ken-value" } },
        timeoutMs: 5,
        secrets: ["t0ken-value"],
      },
      {
        name: "linear",
        reach: { kind: "http", url: "https://a.example/mcp", headers: { Authorization: "Bearer " } },
        missing: "KEY",
        secrets: [],
      },
    ]);
  });
  test.each([
    ["neither command nor url", { a: {} }, "one of command and url"],
    ["both", { a: { command: "x", url: "https://a.example" } }, "one of command and url"],
    ["headers for a process", { a: { ...spawned, headers: {} } }, "headers only with url"],
    ["arguments for an address", { a: { url: "https://a.example", args: [] } }, "only with command"],
    ["an address that is not HTTP", { a: { url: "file:///etc/passwd" } }, "upstreams.a.url"],
    ["a name that is no word", { "a-b": spawned }, "upstreams.a-b"],
    ["a name that mcp has already", { search: spawned }, "upstreams.search"],
    ["a time past the ceiling", { a: { ...spawned, timeout_ms: sandboxLimits.timeoutMsMax + 1 } }, "timeout_ms"],
    [
      "more than the most",
      Object.fromEntries(Array.from({ length: sandboxLimits.upstreamsMax + 1 }, (_, i) => [`s${i}`, spawned])),
      `${sandboxLimits.upstreamsMax}`,
    ],
  ])("are refused with %s", (_what, upstreams, message) => {
    expect(() => parse({ upstreams })).toThrow(message);
  });
});
