import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError, type Server } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import { formatErrorLine, toErrorFacts } from "../../core/errors.ts";
import type { Gateway } from "../../gateway.ts";
import { listResources, listResourceTemplates } from "./list.ts";
import type { ResourceContents } from "./read.ts";

/** Subscriptions as hosts of the older revisions ask for them. */
export interface Subscriptions {
  /** False when too many are open. */
  subscribe(uri: string): boolean;
  unsubscribe(uri: string): void;
}

export interface ResourceHandlers {
  readonly openGateway: () => Promise<Gateway>;
  readonly read: (uri: string, caller: Caller, signal?: AbortSignal) => Promise<ResourceContents>;
  readonly caller: Caller;
  readonly log: (line: string) => void;
  /** Absent where a connection does not last. */
  readonly subscriptions?: Subscriptions | undefined;
}

/** Resources of one server: memories and files that a host can show or attach. */
export function installResources(server: Server, handlers: ResourceHandlers): void {
  const { openGateway, read, caller, log, subscriptions } = handlers;
  server.setRequestHandler("resources/list", async (request) => {
    try {
      return await listResources(caller, openGateway, request.params?.cursor);
    } catch (error) {
      throw protocolError(error, undefined, log);
    }
  });
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: listResourceTemplates() }));
  server.setRequestHandler("resources/read", async (request, { mcpReq }) => {
    const { uri } = request.params;
    try {
      return { contents: [await read(uri, caller, mcpReq.signal)] };
    } catch (error) {
      throw protocolError(error, uri, log);
    }
  });
  if (subscriptions === undefined) return;
  server.setRequestHandler("resources/subscribe", (request) => {
    if (subscriptions.subscribe(request.params.uri)) return {};
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "Too many resources are watched; unsubscribe from one first",
    );
  });
  server.setRequestHandler("resources/unsubscribe", (request) => {
    subscriptions.unsubscribe(request.params.uri);
    return {};
  });
}

function protocolError(error: unknown, uri: string | undefined, log: (line: string) => void): ProtocolError {
  const facts = toErrorFacts(error);
  if (facts.code === "internal") log(`resource ${uri}: ${error instanceof Error ? error.stack : String(error)}`);
  const line = formatErrorLine(facts);
  if (facts.code === "not_found" && uri !== undefined) return new ResourceNotFoundError(uri, line);
  const code = facts.code === "internal" ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, line, { uri, ...facts });
}
