import { loadAdapter, providerList } from "../src/providers/registry.ts";
import { conformingMedia, type MediaBehaviour, mediaBehaviours } from "../test/providers/conformance/media-table.ts";

const names = Object.keys(mediaBehaviours) as MediaBehaviour[];

/** The part of `docs/providers.md` that is about images, video, speech, transcription and music, as lines. */
export async function mediaSection(): Promise<string[]> {
  const uncallable = await uncallableModels();
  return [
    "## What every media adapter is held to",
    "",
    ...names.map((name) => `- **${name}**: ${mediaBehaviours[name]}.`),
    "",
    `| | ${names.join(" | ")} |`,
    `|---|${names.map(() => "---|").join("")}`,
    ...conformingMedia.map(
      ({ provider, task, lacks }) =>
        `| ${provider} ${task} | ${names.map((name) => (lacks[name] ? "–" : "✓")).join(" | ")} |`,
    ),
    "",
    "✓ has a test that runs the adapter over HTTP against the provider's simulator, by the code that runs it for callers.",
    "Beside these, every model in the catalog is asked for something plain, and with what its adapter lets through of the",
    "common parameters. Where there is a dash:",
    "",
    ...reasons(),
    "",
    "Where an official client checks the simulator:",
    `${oracles().join("; ")}. The others' wire formats are from their documents alone.`,
    "",
    ...(uncallable.length === 0 ? [] : ["In the catalog, and not called:", "", ...uncallable, ""]),
  ];
}

/** Rows that lack something for the same reason share a line. */
function reasons(): string[] {
  const lacking = conformingMedia.flatMap(({ provider, task, lacks }) =>
    [...Map.groupBy(Object.entries(lacks), ([, reason]) => reason)].map(([reason, cells]) => ({
      row: `${provider} ${task}`,
      why: `${cells.map(([name]) => name).join(", ")}: ${reason}`,
    })),
  );
  return [...Map.groupBy(lacking, ({ why }) => why)].map(
    ([why, rows]) => `- ${why} (${rows.map(({ row }) => row).join(", ")}).`,
  );
}

function oracles(): string[] {
  const checked = conformingMedia.filter(({ oracle }) => oracle !== undefined);
  return [...Map.groupBy(checked, ({ provider }) => provider)].map(
    ([provider, rows]) => `${provider}: ${[...new Set(rows.map(({ oracle }) => oracle))].join(", ")}`,
  );
}

async function uncallableModels(): Promise<string[]> {
  const lists = await Promise.all(
    providerList.map(async ({ provider }) =>
      Object.entries((await loadAdapter(provider))?.uncallable ?? {}).map(
        ([model, why]) => `- \`${provider}/${model}\`: ${why}.`,
      ),
    ),
  );
  return lists.flat();
}
