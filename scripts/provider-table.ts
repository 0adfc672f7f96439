import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openCatalog } from "../src/catalog/catalog.ts";
import { shippedRows } from "../src/catalog/shipped.ts";
import { inferLimits } from "../src/core/limits.ts";
import { acceptedTextParams } from "../src/providers/accepted-params.ts";
import { localServers } from "../src/providers/custom/probe.ts";
import { pricedOptions } from "../src/providers/priced-options.ts";
import { loadAdapter, providerList } from "../src/providers/registry.ts";
import { conformingTasks, type OtherBehaviour, otherBehaviours } from "../test/providers/conformance/other-table.ts";
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
    "## What every other adapter is held to",
    "",
    ...Object.entries(otherBehaviours).map(([name, what]) => `- **${name}**: ${what}.`),
    "",
    `| | | ${Object.keys(otherBehaviours).join(" | ")} | official client |`,
    `|---|---|${Object.keys(otherBehaviours)
      .map(() => "---|")
      .join("")}---|`,
    ...conformingTasks.map(({ provider, task, lacks, oracle }) => {
      const cells = (Object.keys(otherBehaviours) as OtherBehaviour[]).map((name) => (lacks[name] ? "–" : "✓"));
      return `| ${provider} | ${task} | ${cells.join(" | ")} | ${oracle ?? "–"} |`;
    }),
    "",
    "The last column names the official client that checks the simulator's side; where there is none, the wire format is",
    "from documents alone. Where else there is a dash:",
    "",
    ...otherReasons(),
    "",
    "## Parameters",
    "",
    "What a model cannot honour is refused before anything is sent, with what it takes; with",
    '`on_unsupported: "drop"` it is left out and named in `warnings`. `max_output_tokens` is taken by all. In',
    "`reasoning_effort`, `minimal` is the least thinking a model has above none and `max` the most; the others are only",
    "taken where the model has them.",
    "",
    "| models | temperature | top_p | stop | seed | reasoning_effort |",
    "|---|---|---|---|---|---|",
    ...(await parameterRows()),
    "",
    "`none`: only with `reasoning_effort` `none`. Temperatures are refused outside what the model takes.",
    "",
    "## Native fields",
    "",
    "`provider_options.<provider>` passes native fields through. Refused are fields that have a place of their own in the",
    "request, and fields that would make a call cost more than the price that is set aside and charged:",
    "",
    "| | field | taken as | in its place |",
    "|---|---|---|---|",
    ...Object.entries(pricedOptions).flatMap(([provider, options]) =>
      options.map(({ path, free = [], next }) => {
        const values = free.map((value) => code(JSON.stringify(value))).join(" ");
        return `| ${provider} | ${code(path)} | ${values === "" ? "–" : values} | ${next} |`;
      }),
    ),
    "",
    "In requests for media, fields that set number, size, length, quality or sound are refused in favour of `params`, and",
    "what is billed apart without a price that is known is refused as well.",
    "",
    "## URLs",
    "",
    "Media may be named by URL. Where the provider fetches URLs itself it gets the URL; where it does not, the media is",
    `fetched here, at most ${inferLimits.mediaInputBytesMax / 2 ** 20} MiB, and sent as bytes. URLs into the local network are refused, whoever would fetch them,`,
    "unless [the settings](settings.md#media) allow their host.",
    "",
    "## The catalog",
    "",
    "Prices and dates of every model are in `src/catalog/models.data.json`. A model that its provider has announced to end",
    "answers with a warning that names its successor; from its day on it is refused, with the same word.",
    "`npm run catalog:check` holds every row against its schema, every model against its provider's adapter and every",
    "successor against the catalog, and prints what is stale: prices without a date or read more than 120 days ago, models",
    "without a price, and models that have ended or will within 45 days.",
    "",
  ].join("\n");
}

/** One line for each reason and behaviour, with all that have it. */
function otherReasons(): string[] {
  const lines = Map.groupBy(
    conformingTasks.flatMap(({ provider, task, lacks }) =>
      Object.entries(lacks).map(([behaviour, reason]) => ({ name: `${provider} ${task}`, behaviour, reason })),
    ),
    ({ behaviour, reason }) => `${behaviour}: ${reason}`,
  );
  return [...lines].map(([line, cells]) => `- ${line} (${cells.map(({ name }) => name).join(", ")}).`);
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
