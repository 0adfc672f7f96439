import { SwitchyardError } from "../core/errors.ts";
import { asObject, type JsonObject } from "./narrow.ts";
import { withProviderOptions } from "./provider-options.ts";

/**
 * Merges native fields into a media body. Fields that decide what the call costs have to come through `params`, where
 * the budget sees them: `paid` names each, inner ones as `outer.inner`, and the parameter to use in its place, if any.
 * @throws invalid_request for such a field.
 */
export function withMediaOptions(
  body: JsonObject,
  options: JsonObject | undefined,
  provider: string,
  paid: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  for (const [name, instead] of Object.entries(paid)) {
    if (!isGiven(options, name.split("."))) continue;
    const field = `provider_options.${provider}.${name}`;
    throw new SwitchyardError("invalid_request", `${field} cannot be set`, {
      next: instead ? `Use ${instead} in its place` : "Leave it out",
      details: { field },
    });
  }
  return withProviderOptions(body, options, provider);
}

function isGiven(options: JsonObject | undefined, [outer = "", ...inner]: readonly string[]): boolean {
  if (!options || !Object.hasOwn(options, outer)) return false;
  return inner.length === 0 || isGiven(asObject(options[outer]), inner);
}
