import { describe, expect, it } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import { inferLimits } from "../../src/core/limits.ts";

const parsed = (settings: object) => () => parseSettings(JSON.stringify(settings), "settings.json");
const keys = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `key ${at}` }));
const models = (count: number) => Array.from({ length: count }, (_, at) => ({ model: `openai/m${at}` }));
const limits = (count: number) => Array.from({ length: count }, () => ({ requests_per_minute: 1 }));

describe("settings of inference", () => {
  it.each<[string, object, object]>([
    [
      "keys of a provider",
      { providers: { openai: { keys: keys(inferLimits.keysPerProviderMax) } } },
      { providers: { openai: { keys: keys(inferLimits.keysPerProviderMax + 1) } } },
    ],
    [
      "models of a route",
      { routes: { fast: { models: models(inferLimits.modelsPerCallMax) } } },
      { routes: { fast: { models: models(inferLimits.modelsPerCallMax + 1) } } },
    ],
    [
      "rate limits",
      { rate_limits: limits(inferLimits.rateLimitsMax) },
      { rate_limits: limits(inferLimits.rateLimitsMax + 1) },
    ],
  ])("take so many %s, and not one more", (_, most, more) => {
    expect(parsed(most)).not.toThrow();
    expect(parsed(more)).toThrow(/has a wrong field/);
  });

  it.each<[string, object, RegExp]>([
    [
      "a key and its variable at once",
      { providers: { openai: { keys: [{ key: "a", key_variable: "B" }] } } },
      /one of key/,
    ],
    ["a key without either", { providers: { openai: { keys: [{ name: "a" }] } } }, /one of key/],
    [
      "two keys of one name",
      {
        providers: {
          openai: {
            keys: [
              { name: "a", key: "1" },
              { name: "a", key: "2" },
            ],
          },
        },
      },
      /names that differ/,
    ],
    ["a route within a route", { routes: { a: { models: [{ model: "route/b" }] } } }, /not another route/],
    ["a route without models", { routes: { a: { models: [] } } }, /routes\.a\.models/],
    ["a route whose name is no word", { routes: { "a b": { models: models(1) } } }, /routes/],
    ["a limit on nothing", { rate_limits: [{ provider: "openai" }] }, /requests_per_minute or tokens_per_minute/],
    ["a keeper of some calls", { keeper: { runs: "some" } }, /keeper\.runs/],
    ["an unknown strategy", { routes: { a: { strategy: "best", models: models(1) } } }, /strategy/],
  ])("refuse %s", (_, settings, why) => {
    expect(parsed(settings)).toThrow(why);
  });
});
