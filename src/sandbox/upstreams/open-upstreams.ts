import type { Clock } from "../../core/clock.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { Upstream } from "./upstream.ts";
import type { UpstreamConfig } from "./upstream-config.ts";
import type { Upstreams } from "./upstreams.ts";

export interface UpstreamOptions {
  readonly servers: readonly UpstreamConfig[];
  readonly clock: Clock;
  /** Takes lines for the log: what a server that does not start wrote to stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Upstreams with connections of their own, which somebody has to close. */
export interface OpenUpstreams extends Upstreams {
  close(): Promise<void>;
}

/**
 * Other MCP servers, spawned or reached over HTTP. None is connected before a program asks for it.
 * What fails is a SwitchyardError: `unavailable` for a server that cannot be reached, `timeout`, `provider_error` for
 * what a server answered with, `too_large`, `cancelled`.
 */
export function openUpstreams({ servers, clock, log = () => {} }: UpstreamOptions): OpenUpstreams {
  const upstreams = new Map(servers.map((config) => [config.name, new Upstream(config, clock, log)]));
  const find = (server: string) => {
    const upstream = upstreams.get(server);
    if (upstream) return upstream;
    throw new SwitchyardError("not_found", `there is no MCP server ${server}`, {
      next: `There are ${[...upstreams.keys()].join(", ")}`,
    });
  };
  return {
    servers: [...upstreams.keys()],
    list: async (server, options) => await find(server).list(options),
    call: async (server, tool, args, options) => await find(server).call(tool, args, options),
    async close() {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}
