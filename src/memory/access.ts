import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { checkProfileName } from "./profile-name.ts";
import type { ProfileAddress } from "./profiles.ts";

const defaultProfile = "default";

/**
 * The profile a caller means, if its key may do that there.
 * @throws forbidden, invalid_request for a bad name.
 */
export function allowedProfile(
  caller: Caller,
  access: "read" | "write",
  name: string | undefined = defaultProfile,
): ProfileAddress {
  const profile = checkProfileName(name);
  const { memory, profiles } = caller.rights;
  if (memory === "none" || (access === "write" && memory === "read")) {
    throw forbidden(`this key may not ${access} memory`, { memory });
  }
  if (!mayUse(caller, profile)) {
    throw forbidden(`this key may not use the memory profile ${JSON.stringify(profile)}`, { profiles });
  }
  return { workspace: caller.workspace, profile };
}

/** Whether the key is not limited to other profiles. */
export function mayUse(caller: Caller, profile: string): boolean {
  return caller.rights.profiles?.some((allowed) => allowed.normalize("NFC") === profile) ?? true;
}

function forbidden(message: string, details: Record<string, unknown>): SwitchyardError {
  return new SwitchyardError("forbidden", message, {
    next: "Use a profile and a verb that the key allows, or ask for a key with wider rights",
    details,
  });
}
