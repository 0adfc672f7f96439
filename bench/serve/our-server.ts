/** The same tool as the bare server's, served by ours. */
import { z } from "zod";
import { localCaller } from "../../src/core/caller.ts";
import type { Gateway } from "../../src/gateway.ts";
import { serveMcpStdio } from "../../src/serve/stdio.ts";
import { defineTool } from "../../src/tool.ts";

const echo = defineTool({
  name: "echo",
  description: "Echoes.",
  input: z.strictObject({ text: z.string() }),
  output: z.object({ text: z.string() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: async ({ text }) => ({ text }),
});

const options = {
  tools: [echo],
  // The echo tool uses nothing of it.
  gateway: async () => ({ artifacts: { onChange: () => () => {} }, close: async () => {} }) as unknown as Gateway,
  toolNames: "underscore" as const,
  version: "0",
  instructions: "Bench.",
  log: (line: string) => console.error(line),
};

if (process.argv[2] === "http") {
  const { openHttpServer } = await import("../../src/serve/http.ts");
  const authenticate = async () => localCaller;
  const server = await openHttpServer({ ...options, host: "127.0.0.1", port: 0, authenticate });
  console.log(server.url);
} else {
  await serveMcpStdio({ ...options, caller: localCaller }).closed;
  process.exit(0);
}
