import { setTimeout as sleep } from "node:timers/promises";
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { FixtureTool } from "./fixture-tool.ts";
import { png, text, wav } from "./samples.ts";

const image = { type: "image", data: png, mimeType: "image/png" } as const;

/** Tools that only answer: each kind of content, logs, progress, an error. */
export const contentTools: readonly FixtureTool[] = [
  { name: "test_simple_text", call: async () => text("This is a simple text response for testing.") },
  { name: "test_image_content", call: async () => ({ content: [image] }) },
  {
    name: "test_audio_content",
    call: async () => ({ content: [{ type: "audio", data: wav, mimeType: "audio/wav" }] }),
  },
  {
    name: "test_embedded_resource",
    call: async () => ({
      content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
    }),
  },
  {
    name: "test_multiple_content_types",
    call: async () => ({
      content: [
        { type: "text", text: "Multiple content types test:" },
        image,
        resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
      ],
    }),
  },
  {
    name: "test_error_handling",
    call: async () => ({ ...text("This tool intentionally returns an error for testing"), isError: true }),
  },
  {
    name: "test_tool_with_logging",
    async call(_args, { mcpReq }) {
      for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await mcpReq.log("info", line);
        await sleep(50);
      }
      return text("Logged three messages");
    },
  },
  {
    name: "test_logging_tool",
    async call(_args, { mcpReq }) {
      await mcpReq.log("info", "Only for a request that set a log level");
      return text("Logged if it was asked for");
    },
  },
  {
    name: "test_tool_with_progress",
    async call(_args, { mcpReq }) {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined) {
          await mcpReq.notify({
            method: "notifications/progress",
            params: { progressToken, progress, total: 100, message: `${progress} of 100` },
          });
        }
        await sleep(50);
      }
      return text("Reported progress");
    },
  },
];

function resource(uri: string, mimeType: string, content: string): CallToolResult["content"][number] {
  return { type: "resource", resource: { uri, mimeType, text: content } };
}
