import type { Json } from "../../core/json.ts";

/** A tool of another MCP server. */
export interface UpstreamTool {
  readonly server: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** JSON Schema of its arguments, and of its structured result where it says so. */
  readonly input: Json;
  readonly output?: Json | undefined;
}

/** What a tool of another server answered, as MCP has it. */
export interface UpstreamResult {
  readonly content: readonly { readonly type: string; readonly text?: string | undefined }[];
  readonly structuredContent?: Json | undefined;
  readonly isError?: boolean | undefined;
}

/** Other MCP servers, as whoever holds the connections provides them. */
export interface Upstreams {
  /** Their names, as settings give them. */
  readonly servers: readonly string[];
  /** The tools of one server; kept by the implementation until the server says that they changed. */
  list(server: string, options: { readonly signal: AbortSignal }): Promise<readonly UpstreamTool[]>;
  call(server: string, tool: string, args: Json, options: { readonly signal: AbortSignal }): Promise<UpstreamResult>;
}
