import type { CallToolResult, InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";

export type FixtureResult = CallToolResult | InputRequiredResult;

export interface FixtureTool {
  readonly name: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly call: (args: Readonly<Record<string, unknown>>, context: ServerContext) => Promise<FixtureResult>;
}
