import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const toolsMax = 500;

/** An MCP server as programs may meet it: five hundred tools, and some that misbehave. */
export function upstreamServer(): McpServer {
  const server = new McpServer({ name: "upstream", version: "1.0.0" });
  const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
  const add = (name: string, description: string, handle: () => object) =>
    server.registerTool(name, { description }, async () => handle() as ReturnType<typeof text>);

  server.registerTool(
    "add_numbers",
    {
      description: "Add two numbers. Answers with their sum.",
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    async ({ a, b }) => ({ ...text(`${a + b}`), structuredContent: { sum: a + b } }),
  );
  server.registerTool(
    "echo-json",
    { description: "Answer with JSON text", inputSchema: z.object({ value: z.unknown() }) },
    async ({ value }) => text(JSON.stringify(value)),
  );
  let cancelled = 0;
  server.registerTool("wait", { description: "Wait until the call is cancelled" }, async ({ mcpReq }) => {
    await new Promise((resolve) => mcpReq.signal.addEventListener("abort", resolve, { once: true }));
    cancelled++;
    return text("");
  });
  add("cancelled", "How many calls of wait were cancelled", () => text(`${cancelled}`));
  server.registerTool(
    "large",
    { description: "Answer with this many characters", inputSchema: z.object({ characters: z.number() }) },
    async ({ characters }) => text("x".repeat(characters)),
  );
  add("say", "Say something in words", () => text("plain words"));
  add("fail", "Always fails", () => ({ ...text("the disk is full"), isError: true }));
  add("environment", "Show the environment", () => text(JSON.stringify(process.env)));
  add("pid", "Answer with the process id", () => text(`${process.pid}`));
  add("crash", "End the process", () => process.exit(3));
  let isGrown = false;
  add("grow", "Offer one more tool", () => {
    if (!isGrown) add("grown", "A tool that came later", () => text("later"));
    isGrown = true;
    return text("grown");
  });
  for (let index = 11; index < toolsMax; index++) add(`thing_${index}`, `Does thing ${index}`, () => text(`${index}`));
  return server;
}

if (process.argv[1] === import.meta.filename) serveStdio(() => upstreamServer());
