import { SwitchyardError } from "../../core/errors.ts";

/** For a field that our endpoints cannot honour and must not drop in silence. */
export function unsupportedField(field: string, reason: string, next: string): SwitchyardError {
  return new SwitchyardError("unsupported", `${field} is not supported here: ${reason}`, { next, details: { field } });
}
