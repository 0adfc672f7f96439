import {
  type CallToolRequest,
  type CallToolResult,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Caller, Progress } from "../core/caller.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { serveLimits } from "../core/limits.ts";
import type { Gateway } from "../gateway.ts";
import type { Tool } from "../tool.ts";
import { createToolCaller, type ToolCallerOptions } from "./call-tool.ts";
import type { ConformanceFixtures } from "./conformance/fixtures.ts";
import type { GatewayHandle } from "./gateway-handle.ts";
import { installResources, type ResourceHandlers, type Subscriptions } from "./resources/install.ts";
import { readResource } from "./resources/read.ts";
import { type ResourceWatcher, watchResources } from "./resources/watch.ts";
import { toolList } from "./tool-list.ts";
import { indexTools, type ToolNames } from "./tool-names.ts";

export interface McpServerOptions {
  /** In the order they are listed. */
  readonly tools: readonly Tool[];
  /** Opened on the first call, so that a host gets its list of tools at once. */
  readonly gateway: () => Promise<Gateway>;
  readonly toolNames: ToolNames;
  readonly version: string;
  /** What a host tells its model of this server: when to use it and when not to. */
  readonly instructions: string;
  /** One line for the person who runs the server; on stdio that is stderr. */
  readonly log: (line: string) => void;
  /** Adds what the official conformance suite asks a server for. For tests alone. */
  readonly conformanceFixtures?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/** What the transport brings to the definition. */
export interface McpServerParts extends Pick<ToolCallerOptions, "onEnded"> {
  readonly gateway: GatewayHandle;
}

/** What a server is built for. */
export interface Connection {
  readonly era: "legacy" | "modern";
  /** Where the connection lasts, how a host of the older revisions subscribes. */
  readonly subscriptions?: Subscriptions | undefined;
}

/** The one definition of the server, for every transport and every protocol revision. */
export interface McpDefinition {
  /** A fresh server for one connection, or for one HTTP request: the SDK must not be given the same one twice. */
  build(caller: Caller, connection: Connection): Promise<Server>;
  readonly watcher: ResourceWatcher;
  /** Waits for running calls, at most `serveLimits.shutdownMs`. */
  idle(): Promise<void>;
}

/** A call's `_meta` may carry a larger bound on its result, in UTF-16 code units, for programs that want all of it. */
const resultCharactersMetaKey = "switchyard/result_characters_max";

export function defineMcpServer(options: McpServerOptions, { gateway, onEnded }: McpServerParts): McpDefinition {
  const { tools, toolNames, log } = options;
  const listed = toolList(tools, toolNames);
  const index = indexTools(tools, toolNames);
  const read: ResourceHandlers["read"] = async (uri, onBehalfOf, signal) => {
    return readResource(uri, await gateway.open(), onBehalfOf, signal);
  };
  const watcher = watchResources({ read, clock: options.clock ?? systemClock });
  // A push by a git client changes files as well as a call does.
  gateway.onOpen((opened) => void opened.artifacts.onChange(() => watcher.look()));
  const caller = createToolCaller({
    gateway,
    log,
    clock: options.clock,
    onEnded(tool, outcome, seconds) {
      if (!tool.annotations.readOnlyHint) watcher.look();
      onEnded?.(tool, outcome, seconds);
    },
  });
  let fixtures: Promise<ConformanceFixtures> | undefined;
  const loadFixtures = () => {
    if (options.conformanceFixtures !== true) return undefined;
    fixtures ??= import("./conformance/fixtures.ts").then((module) => module.conformanceFixtures());
    return fixtures;
  };

  const callTool = (request: CallToolRequest, context: ServerContext, onBehalfOf: Caller): Promise<CallToolResult> => {
    const { name } = request.params;
    const tool = index.find(name);
    if (tool === undefined) throw unknownTool(name, index.closest(name), index.listed);
    return caller.call({
      tool,
      arguments: request.params.arguments,
      caller: onBehalfOf,
      signal: context.mcpReq.signal,
      traceparent: traceparentOf(context.mcpReq._meta),
      sendProgress: progressSender(context),
      resultCharactersMax: wantedResultCharacters(context.mcpReq._meta),
    });
  };

  return {
    watcher,
    async build(onBehalfOf, { era, subscriptions }) {
      const extra = await loadFixtures();
      // The newer revisions subscribe on a stream of its own, which needs no lasting connection.
      const canSubscribe = era === "modern" || subscriptions !== undefined;
      const server = new Server(
        { name: "switchyard", title: "Switchyard", version: options.version },
        {
          capabilities: { tools: {}, prompts: {}, resources: { subscribe: canSubscribe }, ...extra?.capabilities },
          instructions: options.instructions,
          cacheHints,
          ...(extra === undefined ? {} : { requestState: extra.requestState }),
        },
      );
      server.onerror = (error) => log(`mcp: ${error.message}`);
      server.setRequestHandler("tools/list", () => {
        const list = [...listed(), ...(extra?.tools ?? [])];
        return { tools: list } as unknown as ListToolsResult;
      });
      server.setRequestHandler("tools/call", (request, context) => {
        return extra?.callTool(request, context) ?? callTool(request, context, onBehalfOf);
      });
      // Eager hosts ask for these whatever the capabilities say; an error there would count as a broken server.
      server.setRequestHandler("prompts/list", () => ({ prompts: [] }));
      server.setRequestHandler("prompts/get", (request) => {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no prompt ${request.params.name}`);
      });
      installResources(server, { openGateway: gateway.open, read, caller: onBehalfOf, log, subscriptions });
      extra?.install(server);
      return server;
    },
    idle: () => caller.idle(serveLimits.shutdownMs),
  };
}

/** The lists are the same for everyone in one version of the server. */
const listHint = { ttlMs: serveLimits.listTtlMs, cacheScope: "public" } as const;
const cacheHints = {
  "tools/list": listHint,
  "prompts/list": listHint,
  "resources/list": { ttlMs: 0, cacheScope: "private" },
  "resources/templates/list": listHint,
  "server/discover": listHint,
  "resources/read": { ttlMs: 0, cacheScope: "private" },
} as const;

function unknownTool(name: string, closest: string | undefined, listed: readonly string[]): ProtocolError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const hint = closest === undefined ? "" : ` Did you mean ${closest}?`;
  const message = `Unknown tool: ${shown}.${hint} The tools are ${listed.join(", ")}.`;
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

function progressSender(context: ServerContext): ((progress: Progress) => Promise<void>) | undefined {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return ({ progress, total, message }) => {
    const params = { progressToken, progress, message, ...(total === undefined ? {} : { total }) };
    return context.mcpReq.notify({ method: "notifications/progress", params });
  };
}

function traceparentOf(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const given = meta?.traceparent;
  return typeof given === "string" ? given : undefined;
}

function wantedResultCharacters(meta: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const wanted = meta?.[resultCharactersMetaKey];
  if (typeof wanted !== "number" || !Number.isInteger(wanted)) return undefined;
  return Math.min(Math.max(wanted, serveLimits.resultCharactersMin), serveLimits.resultCharactersAskedMax);
}
