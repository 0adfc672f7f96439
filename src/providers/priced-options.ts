import { SwitchyardError } from "../core/errors.ts";
import { asObject, type JsonObject, lookup } from "./narrow.ts";

/** A native field that can make a call cost more than the catalog's price for it. */
interface PricedOption {
  /** With a dot for a member of another. */
  readonly path: string;
  /** Values at which the call costs what the catalog says, or less. */
  readonly free?: readonly unknown[];
  /** `null` is not the same as leaving it out: it leaves the choice to what is set at the provider. */
  readonly nullCounts?: true;
  /** What to do in its place. */
  readonly next: string;
}

const serverTools: PricedOption = {
  path: "tools",
  next: "Use tools in its place: what a provider runs by itself is billed by the call, and has no price here",
};
const tier = (path: string, ...free: readonly string[]): PricedOption => ({
  path,
  free,
  nullCounts: true,
  next: `Leave it out, or give ${free.map((value) => JSON.stringify(value)).join(" or ")}: other tiers have prices of their own`,
});
const search = (path: string): PricedOption => ({
  path,
  free: [false],
  next: "Leave it out: searches are billed by the call. A tool of your own can search",
});
const elsewhere = (path: string): PricedOption => ({
  path,
  next: "Send the messages themselves: what is read from elsewhere is billed, and cannot be counted before the call",
});

/**
 * By provider. What is not here changes how a call is answered and not what it costs, or changes its tokens, which are
 * counted. Each provider's price page and API reference say which these are.
 */
export const pricedOptions: Readonly<Record<string, readonly PricedOption[]>> = {
  openai: [
    serverTools,
    tier("service_tier", "default", "flex"),
    search("web_search_options"),
    // Of an image it is a colour.
    {
      path: "background",
      free: [false, "auto", "transparent", "opaque"],
      next: "Leave it out: infer with background does the same at the price that is known",
    },
    { path: "reasoning.mode", free: ["standard"], next: "Leave it out, or name a pro model in model" },
    elsewhere("previous_response_id"),
    elsewhere("conversation"),
    elsewhere("prompt"),
  ],
  anthropic: [
    serverTools,
    tier("service_tier", "auto", "standard_only"),
    { path: "speed", free: ["standard"], next: "Leave it out: fast answers have a price of their own" },
    { path: "inference_geo", free: ["global"], next: "Leave it out: a place of one's choice costs more" },
    { path: "container", next: "Use the sandbox in its place: containers are billed by the hour" },
    { path: "mcp_servers", next: "Use tools in its place: what a server answers is billed, and cannot be counted" },
  ],
  google: [
    serverTools,
    tier("serviceTier", "standard", "flex"),
    tier("service_tier", "standard", "flex"),
    {
      path: "generationConfig.responseModalities",
      next: "Name a model that draws or speaks in model: its output has a price of its own",
    },
    elsewhere("previous_interaction_id"),
    elsewhere("cachedContent"),
  ],
  groq: [
    serverTools,
    tier("service_tier", "auto", "on_demand", "flex"),
    { path: "compound_custom", next: "Leave it out: what a compound model runs is billed by the call" },
  ],
  xai: [
    serverTools,
    tier("service_tier", "default"),
    search("search_parameters"),
    search("web_search_options"),
    { path: "deferred", free: [false], next: "Leave it out: answers are always read as they come" },
  ],
  alibaba: [
    serverTools,
    search("enable_search"),
    search("search_options"),
    { path: "enable_code_interpreter", free: [false], next: "Use the sandbox in its place: it is billed by the call" },
  ],
  bytedance: [serverTools, tier("service_tier", "auto", "default", "flex")],
  minimax: [serverTools, tier("service_tier", "standard", "default")],
  "workers-ai": [serverTools],
};

/**
 * Refuses native fields that would cost more than is set aside and charged for.
 * @throws invalid_request naming the field and the way out.
 */
export function refusePriced(options: JsonObject, provider: string): void {
  for (const { path, free = [], nullCounts = false, next } of lookup(pricedOptions, provider) ?? []) {
    const value = valueAt(options, path.split("."));
    if (value === undefined || (value === null && !nullCounts) || free.includes(value)) continue;
    const field = `provider_options.${provider}.${path}`;
    throw new SwitchyardError("invalid_request", `${field} cannot be set to this: it changes what the call costs`, {
      next,
      details: { field, ...(free.length > 0 && { allowed: free }) },
    });
  }
}

function valueAt(options: JsonObject, [name = "", ...inner]: readonly string[]): unknown {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return inner.length === 0 ? value : valueAt(asObject(value) ?? {}, inner);
}
