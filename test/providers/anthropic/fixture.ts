import { named } from "../support/stream.ts";

/** A thought, a text and a tool call, as Messages streams them. */
export const claudeStream = named(
  {
    type: "message_start",
    message: {
      id: "msg_01Ab",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-5",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 410, cache_creation_input_tokens: 0, cache_read_input_tokens: 1200, output_tokens: 2 },
    },
  },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  { type: "ping" },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "It shows Oslo…" } },
  { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "EqQB+/=" } },
  { type: "content_block_stop", index: 0 },
  { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "This is Oslo." } },
  { type: "content_block_delta", index: 1, delta: { type: "citations_delta", citation: {} } },
  { type: "content_block_stop", index: 1 },
  {
    type: "content_block_start",
    index: 2,
    content_block: { type: "tool_use", id: "toolu_01", name: "get_weather", input: {} },
  },
  { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: "" } },
  { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"city":' } },
  { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '"Oslo"}' } },
  { type: "content_block_stop", index: 2 },
  {
    type: "message_delta",
    delta: { stop_reason: "tool_use", stop_sequence: null },
    usage: { output_tokens: 95, output_tokens_details: { thinking_tokens: 40 } },
  },
  { type: "message_stop" },
);
