import { SwitchyardError } from "../core/errors.ts";
import { asObject, type JsonObject } from "./narrow.ts";
import { withProviderOptions } from "./provider-options.ts";

/**
 * Merges native fields into a media body. Fields that decide what the call costs have to come through `params`, where
 * the budget sees them: `paid` names each, with its path where it is a member of another, and the parameter to use in
 * its place, if any.
 * @throws invalid_request for such a field.
 */
export function withMediaOptions(
  body: JsonObject,
  options: JsonObject | undefined,
  provider: string,
  paid: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  for (const [path, instead] of Object.entries(paid)) {
    if (!options || !has(options, path.split("."))) continue;
    const field = `provider_options.${provider}.${path}`;
    throw new SwitchyardError("invalid_request", `${field} cannot be set: it decides what the call costs`, {
      next: instead ? `Use ${instead} in its place` : "Leave it out",
      details: { field },
    });
  }
  return withProviderOptions(body, options, provider);
}

function has(options: JsonObject, [name = "", ...inner]: readonly string[]): boolean {
  if (!Object.hasOwn(options, name)) return false;
  if (inner.length === 0) return true;
  const member = asObject(options[name]);
  return member !== undefined && has(member, inner);
}
