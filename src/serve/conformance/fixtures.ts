import { randomBytes } from "node:crypto";
import {
  type CallToolRequest,
  createRequestStateCodec,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { askingTools } from "./asking-tools.ts";
import { contentTools } from "./content-tools.ts";
import type { FixtureResult } from "./fixture-tool.ts";
import { installPrompts } from "./prompts.ts";
import { installResources } from "./resources.ts";
import { statefulTools } from "./stateful-tools.ts";

/**
 * What `@modelcontextprotocol/conformance` expects of a server besides its own tools: named tools, prompts and
 * resources with fixed answers. They go through the same server, transports and checks as ours. Loaded in tests alone.
 */
export interface ConformanceFixtures {
  readonly capabilities: ServerCapabilities;
  readonly requestState: { readonly verify: (state: string, context: ServerContext) => Promise<unknown> };
  readonly tools: readonly FixtureListing[];
  /** Undefined for a name that is not a fixture's. */
  callTool(request: CallToolRequest, context: ServerContext): Promise<FixtureResult> | undefined;
  install(server: Server): void;
}

export interface FixtureListing {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object"; readonly [keyword: string]: unknown };
}

export function conformanceFixtures(): ConformanceFixtures {
  const state = createRequestStateCodec<string>({ key: randomBytes(32) });
  const tools = [...contentTools, ...askingTools, ...statefulTools((payload) => state.mint(payload))];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    capabilities: { completions: {}, logging: {}, resources: { subscribe: true } },
    requestState: { verify: state.verify },
    tools: tools.map(({ name, properties = {} }) => ({
      name,
      description: "A fixture of the MCP conformance suite",
      inputSchema: { type: "object", properties, required: Object.keys(properties) },
    })),
    callTool: (request, context) => byName.get(request.params.name)?.call(request.params.arguments ?? {}, context),
    install(server) {
      installPrompts(server);
      installResources(server);
    },
  };
}
