import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as TransportV1 } from "@modelcontextprotocol/sdk/shared/transport.js";
import { serverPath } from "./raw-stdio.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
}

export interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: unknown;
}

/** What every generation of the client can do. */
export interface TestClient extends AsyncDisposable {
  listTools(): Promise<{ tools: readonly { name: string; title?: string | undefined }[] }>;
  listPrompts(): Promise<{ prompts: readonly unknown[] }>;
  listResources(): Promise<{ resources: readonly unknown[] }>;
  callTool(name: string, args: object, options?: CallOptions): Promise<CallResult>;
  readonly instructions: string | undefined;
}

export const clientKinds = ["v1", "v2 legacy", "v2 auto", "v2 modern"] as const;
export type ClientKind = (typeof clientKinds)[number];

/** A real client of the kind, over a spawned process or, with a URL, over HTTP. */
export async function connect(
  kind: ClientKind,
  url?: string,
  headers: Record<string, string> = {},
): Promise<TestClient> {
  const spawned = { command: process.execPath, args: [serverPath, "stdio"], stderr: "ignore" as const };
  const requestInit = { headers };
  if (kind === "v1") {
    const client = new ClientV1({ name: "test", version: "0" });
    // The older SDK's own transports are not written for exactOptionalPropertyTypes.
    const transport = url === undefined ? new StdioV1(spawned) : new HttpV1(new URL(url), { requestInit });
    await client.connect(transport as TransportV1);
    return {
      listTools: () => client.listTools(),
      listPrompts: () => client.listPrompts(),
      listResources: () => client.listResources(),
      callTool: async (name, args, options) => {
        return (await client.callTool({ name, arguments: { ...args } }, undefined, options)) as CallResult;
      },
      instructions: client.getInstructions(),
      [Symbol.asyncDispose]: () => client.close(),
    };
  }
  const mode = kind === "v2 legacy" ? "legacy" : kind === "v2 auto" ? "auto" : { pin: "2026-07-28" };
  const client = new ClientV2({ name: "test", version: "0" }, { versionNegotiation: { mode } });
  await client.connect(url === undefined ? new StdioV2(spawned) : new HttpV2(new URL(url), { requestInit }));
  return {
    listTools: () => client.listTools(),
    listPrompts: () => client.listPrompts(),
    listResources: () => client.listResources(),
    callTool: async (name, args, options) => {
      return (await client.callTool({ name, arguments: { ...args } }, options)) as CallResult;
    },
    instructions: client.getInstructions(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
