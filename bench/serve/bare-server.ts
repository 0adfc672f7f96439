/** The yardstick: the least that a server on the SDK can be, as its documentation writes one. */
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const input = z.object({ text: z.string() });
const output = z.object({ text: z.string() });

const build = () => {
  const server = new McpServer({ name: "bare", version: "0" }, { capabilities: { tools: {} } });
  server.registerTool(
    "echo",
    { description: "Echoes.", inputSchema: input, outputSchema: output },
    async ({ text }) => ({
      content: [{ type: "text", text }],
      structuredContent: { text },
    }),
  );
  return server;
};

if (process.argv[2] === "http") {
  const handle = toNodeHandler(createMcpHandler(build));
  const server = createServer((request, response) => void handle(request as Parameters<typeof handle>[0], response));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object") console.log(`http://127.0.0.1:${address?.port}`);
  });
} else serveStdio(build);
