import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openCatalog } from "../src/catalog/catalog.ts";
import { shippedRows } from "../src/catalog/shipped.ts";
import { acceptedTextParams } from "../src/providers/accepted-params.ts";
import { localServers } from "../src/providers/custom/probe.ts";
import { loadAdapter, providerList } from "../src/providers/registry.ts";
import { type Behaviour, behaviours, conforming } from "../test/providers/conformance/table.ts";
import { mediaSection } from "./media-table.ts";

const page = fileURLToPath(new URL("../docs/providers.md", import.meta.url));

/** `docs/providers.md` as the adapters and their conformance suite are now. */
export async function providersPage(): Promise<string> {
  return [
    "# Providers",
    "",
    "Every provider is reached through the same request; changing provider is changing `model`. This page is written by",
    "`node scripts/provider-table.ts` from the adapters and the table that the conformance suite runs, and a test checks",
    "that it is current.",
    "",
    "## Keys and addresses",
    "",
    "A key is read from the first of these variables that is set, or from `settings.json`. What is in braces in an",
    "address is filled in from the environment variable of that name.",
    "",
    "| provider | key | address | tasks |",
    "|---|---|---|---|",
    ...providerList.map(
      ({ provider, keyVariables, defaultBaseUrl, tasks }) =>
        `| ${provider} | ${keyVariables.map(code).join(", ")} | ${code(defaultBaseUrl)} | ${tasks.join(", ")} |`,
    ),
    "",
    "Anything else that speaks the OpenAI dialect is a custom endpoint of your own: a name, its base URL and, where it",
    "wants one, a key. These local servers are found where they usually listen:",
    `${localServers.map(({ name, baseUrl }) => `${name} (${code(baseUrl)})`).join(", ")}.`,
    "",
    "## What every text adapter is held to",
    "",
    ...Object.entries(behaviours).map(([name, what]) => `- **${name}**: ${what}.`),
    "",
    `| | ${Object.keys(behaviours).join(" | ")} |`,
    `|---|${Object.keys(behaviours)
      .map(() => "---|")
      .join("")}`,
    ...conforming.map(({ name, lacks }) => {
      const cells = (Object.keys(behaviours) as Behaviour[]).map((behaviour) => (lacks[behaviour] ? "–" : "✓"));
      return `| ${name} | ${cells.join(" | ")} |`;
    }),
    "",
    "✓ has a test that runs the adapter over HTTP against the provider's own wire format. Beside these, every adapter",
    "answers to the simulators, which were written apart from it: every kind of text model in the catalog with every",
    "parameter it takes, tool loops, schemas, vectors, each fault, and usage against what the simulator bills. Where there",
    "is a dash:",
    "",
    ...conforming.flatMap(({ name, lacks }) => {
      const reasons = Map.groupBy(Object.entries(lacks), ([, reason]) => reason);
      return [...reasons].map(
        ([reason, cells]) => `- ${name}: ${cells.map(([behaviour]) => behaviour).join(", ")}: ${reason}.`,
      );
    }),
    "",
    "The wire formats are from the providers' documents and SDKs. No test calls a provider. These official clients check",
    "the simulators that stand in for the providers:",
    `${conforming.map(({ name, oracle }) => `${name}: ${oracle}`).join("; ")}. Where only \`openai\` is named for another`,
    "provider, what that provider adds to OpenAI's dialect is from its documents alone.",
    "",
    ...(await mediaSection()),
    "## Parameters",
    "",
    "What a model cannot honour is refused before anything is sent, with what it takes; with",
    '`on_unsupported: "drop"` it is left out and named in `warnings`. `max_output_tokens` is taken by all. In',
    "`reasoning_effort`, `minimal` is the least thinking a model has above none and `max` the most; the others are only",
    "taken where the model has them. `provider_options.<provider>` passes native fields through, except those that decide",
    "what a call costs.",
    "",
    "| models | temperature | top_p | stop | seed | reasoning_effort |",
    "|---|---|---|---|---|---|",
    ...(await parameterRows()),
    "",
    "`none`: only with `reasoning_effort` `none`. Temperatures are refused outside what the model takes.",
    "",
  ].join("\n");
}

/** Models of a provider that take the same parameters share a row. */
async function parameterRows(): Promise<string[]> {
  const catalog = openCatalog(await shippedRows());
  const rows: string[] = [];
  for (const { provider } of providerList) {
    const text = (await loadAdapter(provider))?.text;
    const models = catalog.search({ provider, task: "text" });
    if (!text || models.length === 0) continue;
    const groups = Map.groupBy(models, (model) => {
      const properties = acceptedTextParams(text, model).properties as Record<
        string,
        { description?: string; enum?: string[] }
      >;
      const cells = ["temperature", "top_p", "stop", "seed"].map((name) => {
        const property = properties[name];
        return property === undefined ? "–" : property.description ? "none" : "✓";
      });
      return [...cells, properties.reasoning_effort?.enum?.join(", ") ?? "–"].join(" | ");
    });
    for (const [cells, members] of groups) rows.push(`| ${members.map(({ id }) => code(id)).join(" ")} | ${cells} |`);
  }
  return rows;
}

function code(text: string): string {
  return `\`${text}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(page, await providersPage());
