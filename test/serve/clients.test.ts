import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type HttpServer, openHttpServer } from "../../src/serve/http.ts";
import { clientKinds, connect, type TestClient } from "./support/clients.ts";
import { events, fixtureTools, testCaller, testGateway } from "./support/fixture-tools.ts";

let http: HttpServer;
beforeAll(async () => {
  http = await openHttpServer({
    tools: fixtureTools,
    gateway: async () => testGateway(),
    toolNames: "underscore",
    version: "0.0.0-test",
    instructions: "Use the tools of this test server.",
    log: () => {},
    host: "127.0.0.1",
    port: 0,
    authenticate: async () => testCaller,
  });
});
afterAll(() => http.close());

const cases = clientKinds.flatMap((kind) => [
  { kind, transport: "stdio" as const },
  { kind, transport: "http" as const },
]);

describe.each(cases)("a $kind client over $transport", ({ kind, transport }) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await connect(kind, transport === "http" ? `${http.url}/mcp` : undefined);
  });
  afterAll(() => client[Symbol.asyncDispose]());

  test("lists and calls tools by both spellings", async () => {
    expect(client.instructions).toBe("Use the tools of this test server.");
    const { tools } = await client.listTools();
    expect(tools.map((tool) => [tool.name, tool.title])).toEqual(
      fixtureTools.map((tool) => [tool.name.replace(".", "_"), tool.name]),
    );
    for (const name of ["test_echo", "test.echo"]) {
      const { content, structuredContent } = await client.callTool(name, { text: "line 1\nline 2", times: 2 });
      expect(structuredContent).toEqual({ text: "line 1\nline 2line 1\nline 2", caller: "key_test" });
      expect(parse(content[0]?.text ?? "")).toEqual(structuredContent);
    }
  });

  test("asks for prompts and resources and gets no error", async () => {
    expect((await client.listPrompts()).prompts).toEqual([]);
    expect((await client.listResources()).resources).toEqual([]);
  });

  test("sees every fact of an error in its text and its structure", async () => {
    // Older clients check an error against the output schema too, once they have seen the list.
    await client.listTools();
    const { isError, content, structuredContent } = await client.callTool("test_fail", { how: "expected" });
    expect(isError).toBe(true);
    const [line, ...facts] = (content[0]?.text ?? "").split("\n");
    expect(line).toBe(
      "insufficient_credits: the pool has $0.5 and the call may cost $2. " +
        "Grant credits with `switchyard credits grant 25`, or lower max_output_tokens.",
    );
    expect(parse(facts.join("\n"))).toEqual({ retryable: false, details: { available: "0.5", needed: "2" } });
    expect(structuredContent).toEqual({
      error: {
        code: "insufficient_credits",
        message: "the pool has $0.5 and the call may cost $2",
        next: "Grant credits with `switchyard credits grant 25`, or lower max_output_tokens",
        retryable: false,
        details: { available: "0.5", needed: "2" },
      },
    });
    const wrong = await client.callTool("test_echo", { txt: "hi" });
    expect(wrong.isError).toBe(true);
    expect(wrong.content[0]?.text).toContain("txt is not an argument, did you mean text?");
  });

  test("asks for a tool there is not and gets a protocol error", async () => {
    await expect(client.callTool("test_ecko", {})).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining("Did you mean test_echo?"),
    });
  });

  test("a long result reaches it cut alike in text and structure", async () => {
    await client.listTools();
    const { content, structuredContent } = await client.callTool("test_long", { characters: 50_000, items: 3 });
    expect(content[0]?.text?.length).toBeLessThanOrEqual(20_000);
    expect(JSON.stringify(structuredContent).length).toBeLessThanOrEqual(20_000);
    expect(structuredContent).toMatchObject({
      id: "gen_1",
      items: [{ n: 0 }, { n: 1 }, { n: 2 }],
      cut: {
        parts: [{ path: "text", of: 50_000, unit: "characters" }],
        next: "Call test.long again and ask for a part with cursor",
      },
    });
    expect(parse(content[0]?.text ?? "")).toEqual(structuredContent);
  });

  test("follows progress and its cancellation reaches the tool", async () => {
    const seen: number[] = [];
    const done = await client.callTool(
      "test_wait",
      { steps: 20 },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    expect(done.structuredContent).toEqual({ steps: 20 });
    // The last one may come in one read with the result, after which these clients no longer look at it.
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    events.length = 0;
    const controller = new AbortController();
    const call = client.callTool("test_wait", {}, { signal: controller.signal, onprogress: () => controller.abort() });
    await expect(call).rejects.toThrow();
    if (transport === "http") await expect.poll(() => events).toContain("aborted");
    expect((await client.callTool("test_echo", { text: "next" })).isError).toBeUndefined();
  });
});
