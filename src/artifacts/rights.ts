import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";

/** @throws forbidden */
export function requireRead(caller: Caller): void {
  if (caller.rights.artifacts === "none") throw forbidden("read", caller);
}

/** @throws forbidden */
export function requireWrite(caller: Caller): void {
  if (caller.rights.artifacts !== "write") throw forbidden("write", caller);
}

function forbidden(verb: "read" | "write", caller: Caller): SwitchyardError {
  return new SwitchyardError("forbidden", `this key may not ${verb} artifacts`, {
    next: `Use a key whose rights say artifacts: ${verb}`,
    details: { needed: verb, granted: caller.rights.artifacts },
  });
}
