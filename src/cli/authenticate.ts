import type { AccessKey, Settings } from "../config/settings.ts";
import { type Caller, localCaller } from "../core/caller.ts";
import { systemClock } from "../core/clock.ts";
import { opens } from "../credits/keys.ts";

/**
 * Who presents an `Authorization` header, by the keys in the settings as they stand at this moment: a revoked key is
 * useless at once. `undefined`: nobody we know.
 */
export async function authenticate(
  authorization: string | undefined,
  settings: () => Promise<Settings>,
): Promise<Caller | undefined> {
  const presented = /^Bearer (\S{1,256})$/i.exec(authorization ?? "")?.[1];
  if (presented === undefined) return undefined;
  const { keys } = await settings();
  const key = keys.find((candidate) => opens(candidate, presented, systemClock.now()));
  return key && callerOf(key);
}

function callerOf(key: AccessKey): Caller {
  return {
    workspace: key.workspace,
    key: key.id,
    rights: {
      ...(key.models ? { models: key.models } : {}),
      ...(key.profiles ? { profiles: key.profiles } : {}),
      memory: key.memory,
      artifacts: key.artifacts,
      sandbox: key.sandbox,
    },
  };
}

/** With `--no-auth`, whoever reaches the loopback address is the local user. */
export function letIn(): Promise<Caller> {
  return Promise.resolve(localCaller);
}
