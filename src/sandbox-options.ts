import type { Settings } from "./config/settings.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { EgressSecret } from "./sandbox/egress/policy.ts";
import type { SandboxOptions } from "./sandbox/sandbox.ts";

/**
 * What settings say of the sandbox: which hosts programs may reach, with which secrets, and how much they may use.
 * @throws invalid_request when a secret's environment variable is not set: a request without it would only confuse.
 */
export function sandboxOptions(
  settings: Settings["sandbox"],
  environment: (name: string) => string | undefined,
): Pick<SandboxOptions, "egress" | "ceilings" | "workers"> {
  const { hosts, secrets, timeout_ms_max, memory_mb_max, workers } = settings;
  return {
    egress: { rules: hosts, secrets: secrets.map((secret) => egressSecret(secret, environment)) },
    ceilings: {
      ...(timeout_ms_max === undefined ? {} : { timeoutMs: timeout_ms_max }),
      ...(memory_mb_max === undefined ? {} : { memoryMb: memory_mb_max }),
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
