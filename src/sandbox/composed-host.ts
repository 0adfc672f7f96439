import { type EgressSettings, narrowRules } from "./egress/policy.ts";
import type { Lookup } from "./egress/resolve.ts";
import type { ExecAllow } from "./exec-args.ts";
import type { SandboxHost } from "./host.ts";
import { McpCalls } from "./upstreams/mcp-calls.ts";
import type { Upstreams } from "./upstreams/upstreams.ts";

/** What the sandbox itself offers to programs, beside what the caller's host does. */
export interface SandboxServices {
  readonly egress: EgressSettings;
  readonly lookup: Lookup;
  readonly upstreams: Upstreams | undefined;
}

export interface ComposedHost extends SandboxHost {
  readonly servers: readonly string[];
}

/** The caller's host with `fetch` and `mcp`, as far as there is anything to reach and the call allows it. */
export function composeHost(host: SandboxHost, services: SandboxServices, allow: ExecAllow | undefined): ComposedHost {
  const { egress, lookup, upstreams } = services;
  const rules = narrowRules(egress.rules, allow?.hosts);
  const servers = (upstreams?.servers ?? []).filter((server) => allow?.mcp?.includes(server) ?? true);
  const mcp = upstreams && new McpCalls(upstreams, servers);
  const policy = { rules, secrets: egress.secrets ?? [], lookup };
  return {
    names: [...host.names, ...(rules.length > 0 ? ["fetch"] : []), ...(mcp?.names ?? [])],
    servers,
    cost: () => host.cost?.() ?? "0",
    meterCpu: host.meterCpu,
    async call(name, args, options) {
      if (name === "fetch") {
        // Sockets and TLS are loaded by the first program that uses them.
        const { egressFetch } = await import("./egress/fetch.ts");
        return await egressFetch(policy, args, options.signal);
      }
      if (mcp?.names.includes(name)) return await mcp.call(name, args, options);
      return await host.call(name, args, options);
    },
  };
}
