import { describe, expect, test } from "vitest";
import { keysOf } from "../../src/infer/provider-access.ts";
import { providerList } from "../../src/providers/registry.ts";

const cloudflare = providerList.find(({ provider }) => provider === "workers-ai");
if (!cloudflare) throw new Error("no workers-ai");
const url = (account: string) => `https://api.cloudflare.com/client/v4/accounts/${account}/ai`;
const environment = (variables: Record<string, string>) => (name: string) => variables[name];

describe("the account in Cloudflare's address", () => {
  test("comes from the environment, or from the settings before it", () => {
    const variables = { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a1" };
    expect(keysOf(cloudflare, {}, environment(variables))).toMatchObject([{ credentials: { baseUrl: url("a1") } }]);
    expect(keysOf(cloudflare, { accountId: "a/2" }, environment(variables))).toMatchObject([
      { credentials: { baseUrl: url("a%2F2") } },
    ]);
  });

  test("is named when it is missing, though there is a key", () => {
    expect(keysOf(cloudflare, {}, environment({ CLOUDFLARE_API_TOKEN: "t" }))).toEqual({
      missing: "set CLOUDFLARE_ACCOUNT_ID",
    });
  });

  test("is not asked for where the settings give a whole address", () => {
    const access = { baseUrl: "http://127.0.0.1:1/accounts/x/ai/" };
    expect(keysOf(cloudflare, access, environment({ CLOUDFLARE_API_TOKEN: "t" }))).toMatchObject([
      { credentials: { baseUrl: "http://127.0.0.1:1/accounts/x/ai" } },
    ]);
  });
});
