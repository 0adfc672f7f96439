import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { threadCpuMs } from "../../src/sandbox/thread/cpu-time.ts";
import { schemaType } from "../../src/sandbox/upstreams/schema-type.ts";
import type { UpstreamResult, Upstreams, UpstreamTool } from "../../src/sandbox/upstreams/upstreams.ts";
import { gate, realSandbox, runCode } from "../support/sandbox.ts";

const issueInput: Json = {
  type: "object",
  properties: {
    repo: { type: "string" },
    labels: { type: "array", items: { enum: ["bug", "idea"] } },
    "due-date": { type: ["string", "null"] },
  },
  required: ["repo"],
};
const tools: UpstreamTool[] = [
  {
    server: "github",
    name: "create_issue",
    description: "Open an issue in a repository. It may have labels.",
    input: issueInput,
    output: { type: "object", properties: { number: { type: "integer" } } },
  },
  { server: "github", name: "list-pulls", description: "List pull requests", input: {} },
  { server: "github", name: "fails", description: "Always fails", input: {} },
  ...Array.from({ length: 500 }, (_, index) => ({
    server: "many",
    name: `tool_${index}`,
    description: `Does thing ${index}`,
    input: {},
  })),
  { server: "many", name: "weather", title: "Weather", description: "The weather forecast for a city", input: {} },
];
const calls: Json[] = [];
const results: Record<string, UpstreamResult> = {
  create_issue: { content: [{ type: "text", text: '{"number":7}' }], structuredContent: { number: 7 } },
  "list-pulls": { content: [{ type: "text", text: '[{"id":1}]' }] },
  weather: {
    content: [
      { type: "text", text: "sunny" },
      { type: "text", text: "warm" },
    ],
  },
  tool_1: { content: [{ type: "image", text: undefined }] },
  fails: { content: [{ type: "text", text: "no such repository" }], isError: true },
};
const aborted = gate<unknown>();
const upstreams: Upstreams = {
  servers: ["github", "many", "down"],
  async list(server) {
    if (server === "down") throw new Error("connection refused at /run/secret.sock");
    return tools.filter((tool) => tool.server === server);
  },
  async call(server, tool, args, { signal }) {
    calls.push([server, tool, args]);
    if (tool === "tool_2") {
      signal.addEventListener("abort", () => aborted.open(true));
      return new Promise(() => {});
    }
    return results[tool] ?? { content: [] };
  },
};

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = realSandbox({ workers: 1, upstreams });
});
afterAll(() => sandbox.close());

async function evaluate(code: string, mcp?: string[]) {
  const { result, error } = await runCode(sandbox, code, mcp ? { allow: { mcp } } : {});
  expect(error).toBeUndefined();
  return result;
}

describe("upstream MCP servers in a program", () => {
  test("are found by search, in words of name and description", async () => {
    expect(await evaluate('await mcp.search("weather forecast")')).toEqual([
      { name: "many.weather", description: "The weather forecast for a city" },
    ]);
    expect(await evaluate('await mcp.search("open issues", { server: "github" })')).toEqual([
      { name: "github.create_issue", description: "Open an issue in a repository." },
    ]);
    expect(await evaluate('(await mcp.search("", { limit: 1000 })).length')).toBe(50);
  });
  test("describe a tool as a typed call", async () => {
    expect(await evaluate('await mcp.describe("github.create_issue")')).toEqual({
      name: "github.create_issue",
      description: "Open an issue in a repository. It may have labels.",
      call: 'mcp.github.create_issue(args: { repo: string; labels?: ("bug" | "idea")[]; "due-date"?: string | null }): Promise<{ number?: number }>',
      input: issueInput,
      output: { type: "object", properties: { number: { type: "integer" } } },
    });
    expect(await evaluate('(await mcp.describe("github.list-pulls")).call')).toBe(
      'mcp.github["list-pulls"](args: unknown): Promise<unknown>',
    );
  });
  test("are called as functions, and answer with data", async () => {
    expect(await evaluate('await mcp.github.create_issue({ repo: "a", labels: ["bug"] })')).toEqual({ number: 7 });
    expect(calls.at(-1)).toEqual(["github", "create_issue", { repo: "a", labels: ["bug"] }]);
    expect(await evaluate('[await mcp.github["list-pulls"](), await mcp.github.list_pulls()]')).toEqual([
      [{ id: 1 }],
      [{ id: 1 }],
    ]);
    expect(await evaluate("await mcp.many.weather()")).toBe("sunny\nwarm");
    expect(await evaluate("await mcp.many.tool_1()")).toEqual([{ type: "image" }]);
  });
  test("fail as errors that a program can catch", async () => {
    const caught = (call: string) => evaluate(`try { await ${call} } catch (e) { [e.code, e.message] }`);
    expect(await caught("mcp.github.fails()")).toEqual([
      "provider_error",
      "github.fails failed: no such repository. Correct the arguments by what it says",
    ]);
    expect(await caught("mcp.github.nope()")).toEqual(["not_found", expect.stringContaining("github.create_issue")]);
    expect(await caught("mcp.down.anything()")).toEqual(["internal", expect.not.stringContaining("secret.sock")]);
    expect(await caught('mcp.describe("nowhere.x")')).toEqual([
      "not_found",
      expect.stringContaining("github, many, down"),
    ]);
    expect(await evaluate("typeof mcp.nowhere")).toBe("undefined");
    expect(await evaluate("const server = await mcp.github; typeof server.create_issue")).toBe("function");
  });
  test("are those that the call allows", async () => {
    expect(await evaluate("[typeof mcp.github, typeof mcp.many]", ["many"])).toEqual(["undefined", "object"]);
    expect(await evaluate('(await mcp.search("issue")).length', ["many"])).toBe(0);
    expect(await evaluate("typeof mcp", [])).toBe("undefined");
  });
  test("are asked for names and words of any length without keeping the server", async () => {
    const { upstreamNameCharactersMax, upstreamQueryCharactersMax } = sandboxLimits;
    const name = "x".repeat(upstreamNameCharactersMax);
    const said = await evaluate(
      `await mcp.many[${JSON.stringify(`${name}x`)}]().catch((e) => [e.code, e.message.length])`,
    );
    expect(said).toEqual(["not_found", expect.any(Number)]);
    const far = `${" ".repeat(upstreamQueryCharactersMax)} weather`;
    expect(await evaluate(`(await mcp.search(${JSON.stringify(far)})).length`)).toBe(10);
    expect(await evaluate(`(await mcp.search(${JSON.stringify(far.slice(8))})).length`)).toBe(1);
    const before = threadCpuMs();
    const many =
      'await mcp.search(Array.from({ length: 1e5 }, (_, i) => "w" + i).join(" ")); await mcp.many["x".repeat(5e5)]().catch(() => 1)';
    expect(await evaluate(many)).toBe(1);
    expect(threadCpuMs() - before).toBeLessThan(1_000);
  });
  test("are told when a program ends", async () => {
    await runCode(sandbox, "mcp.many.tool_2(); await new Promise((r) => setTimeout(r, 20)); 1");
    expect(await aborted.opened).toBe(true);
  });
});

describe("a JSON Schema as a type", () => {
  test.each([
    [{ type: "string" }, "string"],
    [{ type: "integer" }, "number"],
    [{ const: "a" }, '"a"'],
    [{ enum: ["a", 1, null] }, '"a" | 1 | null'],
    [{ type: ["string", "null"] }, "string | null"],
    [{ type: "array" }, "unknown[]"],
    [{ type: "array", items: { type: ["string", "number"] } }, "(string | number)[]"],
    [{ anyOf: [{ type: "string" }, { type: "string" }, { type: "null" }] }, "string | null"],
    [
      { allOf: [{ type: "object", properties: { a: true } }, { $ref: "#/$defs/b" }], $defs: { b: { type: "number" } } },
      "{ a?: unknown } & number",
    ],
    [{ type: "object", additionalProperties: { type: "number" } }, "Record<string, number>"],
    [{ type: "object" }, "{}"],
    [{ $ref: "#/$defs/missing" }, "unknown"],
    [{}, "unknown"],
    [null, "unknown"],
  ] as [Json, string][])("%j is %s", (schema, type) => {
    expect(schemaType(schema)).toBe(type);
  });
  test("ends soon, though its references would have it go on for ever", () => {
    const again = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, { $ref: "#/$defs/a" }]));
    const schema = { $ref: "#/$defs/a", $defs: { a: { type: "object", properties: again } } };
    const before = threadCpuMs();
    expect(schemaType(schema)).toContain("p0?: {");
    expect(threadCpuMs() - before).toBeLessThan(1_000);
  });
  test("ends, though a schema may refer to itself or be very large", () => {
    expect(schemaType({ $ref: "#" })).toBe("unknown");
    expect(schemaType({ type: "object", properties: { next: { $ref: "#" } } })).toContain("unknown");
    const wide = {
      type: "object",
      properties: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`p${i}`, { type: "string" }])),
    };
    expect(schemaType(wide).length).toBeLessThanOrEqual(4_001);
  });
});
