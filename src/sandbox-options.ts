import type { Settings } from "./config/settings.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { EgressSecret } from "./sandbox/egress/policy.ts";
import type { SandboxOptions } from "./sandbox/sandbox.ts";
import type { UpstreamConfig } from "./sandbox/upstreams/upstream-config.ts";

/**
 * What settings say of the sandbox: which hosts programs may reach, with which secrets, and how much they may use.
 * @throws invalid_request when a secret's environment variable is not set: a request without it would only confuse.
 */
export function sandboxOptions(
  settings: Settings["sandbox"],
  environment: (name: string) => string | undefined,
): Pick<SandboxOptions, "egress" | "ceilings" | "workers"> {
  const { hosts, secrets, timeout_ms_max, memory_mb_max, limits_max, workers } = settings;
  return {
    egress: { rules: hosts, secrets: secrets.map((secret) => egressSecret(secret, environment)) },
    ceilings: {
      ...(timeout_ms_max === undefined ? {} : { timeoutMs: timeout_ms_max }),
      ...(memory_mb_max === undefined ? {} : { memoryMb: memory_mb_max }),
      limits: limits_max,
    },
    workers,
  };
}

function egressSecret(
  { host, header, prefix, value, value_variable }: Settings["sandbox"]["secrets"][number],
  environment: (name: string) => string | undefined,
): EgressSecret {
  const secret = value ?? environment(value_variable ?? "");
  if (secret) return { host, header, value: `${prefix}${secret}` };
  throw new SwitchyardError(
    "invalid_request",
    `the sandbox secret for ${host} needs ${value_variable}, which is not set`,
    {
      next: `Set ${value_variable}, or take the secret out of settings.json`,
    },
  );
}

type UpstreamSettings = Settings["sandbox"]["upstreams"][string];
type SettingValue = NonNullable<UpstreamSettings["env"]>[string];

/**
 * The other MCP servers of the settings, with what they need of the environment. One that needs a variable that is not
 * set is unavailable; the others are not.
 */
export function upstreamConfigs(
  settings: Settings["sandbox"],
  environment: (name: string) => string | undefined,
): UpstreamConfig[] {
  return Object.entries(settings.upstreams).map(([name, upstream]) => {
    const secrets: string[] = [];
    let missing: string | undefined;
    const read = (value: SettingValue): string => {
      if (typeof value === "string") return value;
      const found = environment(value.variable);
      if (found) secrets.push(found);
      else missing ??= value.variable;
      return `${value.prefix}${found ?? ""}`;
    };
    const readAll = (values: Readonly<Record<string, SettingValue>> = {}) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, read(value)]));
    const { command, args = [], cwd, url = "", timeout_ms } = upstream;
    const reach: UpstreamConfig["reach"] =
      command === undefined
        ? { kind: "http", url, headers: readAll(upstream.headers) }
        : { kind: "stdio", command, args, env: readAll(upstream.env), cwd };
    return { name, reach, timeoutMs: timeout_ms, missing, secrets };
  });
}
