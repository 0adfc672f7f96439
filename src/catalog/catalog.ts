import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Task } from "../core/task.ts";
import { type CatalogRow, toModelCard } from "./row.ts";

/** What to look for. Every field given must hold; `query` matches words of the id in any order. */
export interface ModelQuery {
  readonly query?: string | undefined;
  readonly task?: Task | undefined;
  readonly provider?: string | undefined;
  readonly features?: readonly string[] | undefined;
}

export interface Catalog {
  /** Finds a model by id or alias. */
  find(id: string): ModelCard | undefined;
  /** @throws not_found with the nearest ids. */
  resolve(id: string): ModelCard;
  search(query: ModelQuery): ModelCard[];
  /** Takes in rows that became known later. What is known already stays as it is. */
  add(rows: readonly CatalogRow[]): void;
}

/** Providers' older names, and the names other gateways use. */
const providerAliases: Readonly<Record<string, string>> = {
  "google-ai-studio": "google",
  gemini: "google",
  grok: "xai",
  "x-ai": "xai",
  dashscope: "alibaba",
  runwayml: "runway",
  "recraft-ai": "recraft",
  cloudflare: "workers-ai",
};

/**
 * Opens the catalog over its rows; the rows of the user's own models come after the shipped ones and win over them.
 * `today` (ISO 8601) decides which models have ended; without it none has.
 */
export function openCatalog(rows: readonly CatalogRow[], today = ""): Catalog {
  const cards = new Map<string, ModelCard>();
  const byAlias = new Map<string, ModelCard>();
  const put = (row: CatalogRow) => {
    const card = toModelCard(row, today);
    cards.set(card.id, card);
    byAlias.set(aliasKey(card.id), card);
  };
  for (const row of rows) put(row);

  function find(id: string): ModelCard | undefined {
    return cards.get(id) ?? byAlias.get(aliasKey(canonicalProvider(id)));
  }

  return {
    find,
    add(more) {
      for (const row of more) if (!cards.has(row.id)) put(row);
    },
    resolve(id) {
      const card = find(id);
      if (card) return card;
      const near = nearest(id, cards.keys());
      throw new SwitchyardError("not_found", `there is no model ${JSON.stringify(id)} in the catalog`, {
        next:
          near.length > 0
            ? `Did you mean ${near.join(" or ")}? The models tool lists them all`
            : "Ids are provider/model-id; the models tool lists them all",
        details: { model: id, nearest: near },
      });
    },
    search(query) {
      const words = (query.query ?? "")
        .toLowerCase()
        .split(/[\s/,]+/)
        .filter(Boolean);
      return [...cards.values()].filter(
        (card) =>
          (query.task === undefined || card.task === query.task) &&
          (query.provider === undefined || card.provider === (providerAliases[query.provider] ?? query.provider)) &&
          (query.features ?? []).every((feature) => hasFeature(card, feature)) &&
          words.every((word) => card.id.toLowerCase().includes(word) || card.task.includes(word)),
      );
    },
  };
}

function hasFeature(card: ModelCard, feature: string): boolean {
  return (
    (card.features as unknown as Record<string, unknown>)[feature] === true ||
    card.input.some((kind) => kind === feature)
  );
}

function canonicalProvider(id: string): string {
  if (id.startsWith("@cf/") || id.startsWith("@hf/")) return `workers-ai/${id}`;
  const slash = id.indexOf("/");
  if (slash < 0) return id;
  const provider = id.slice(0, slash);
  return `${providerAliases[provider] ?? provider}${id.slice(slash)}`;
}

/** Versions are written with dots by some and dashes by others. */
function aliasKey(id: string): string {
  return id.toLowerCase().replaceAll(".", "-");
}

function nearest(id: string, ids: Iterable<string>): string[] {
  const wanted = bigrams(aliasKey(canonicalProvider(id)));
  return [...ids]
    .map((candidate) => ({ candidate, score: overlap(wanted, bigrams(aliasKey(candidate))) }))
    .filter(({ score }) => score > 0.5)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function bigrams(text: string): Set<string> {
  const pairs = new Set<string>();
  for (let at = 0; at + 1 < text.length; at += 1) pairs.add(text.slice(at, at + 2));
  return pairs;
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return (2 * shared) / Math.max(1, a.size + b.size);
}
