import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Catalog, openCatalog } from "../src/catalog/catalog.ts";
import type { CatalogRow } from "../src/catalog/row.ts";
import { shippedRows } from "../src/catalog/shipped.ts";
import { isoTime, systemClock } from "../src/core/clock.ts";
import type { ModelCard } from "../src/core/model-card.ts";
import { tasks } from "../src/core/task.ts";
import { loadAdapter, providerList } from "../src/providers/registry.ts";

const price = z.number().nonnegative();
const prices = z.union([price, z.record(z.string(), price), z.array(price).min(1)]);
const tier = z.strictObject({
  above_input_tokens: z.number().int().positive(),
  input_per_mtok: price.optional(),
  cached_input_per_mtok: price.optional(),
  cache_write_per_mtok: price.optional(),
  output_per_mtok: price.optional(),
});
const count = z.number().int().positive();
const day = z.iso.date();

const row = z.strictObject({
  id: z.string().regex(/^[a-z-]+\/\S+$/, "must be provider/native-id"),
  task: z.enum(tasks),
  input: z.array(z.enum(["text", "image", "audio", "video", "file"])).min(1),
  context: count.nullable(),
  max_output: count.nullable(),
  max_input: count.optional(),
  dimensions_max: count.nullable().optional(),
  price: z
    .object({ tiers: z.array(tier).min(1).optional() })
    .catchall(prices)
    .refine((given) => Object.keys(given).every((unit) => /^(?:tiers|per_|.*_per_mtok$)/.test(unit)), {
      error: "has a unit that is none",
    })
    .refine((given) => Object.keys(given).length > 0, { error: "is empty: an unknown price is null" })
    .nullable(),
  features: z.strictObject({
    tools: z.boolean(),
    json_schema: z.boolean().nullable(),
    vision: z.boolean(),
    reasoning: z.boolean(),
    streaming: z.boolean(),
  }),
  status: z.enum(["ga", "preview", "deprecated"]),
  source: z.string().min(1),
  successor: z.string().optional(),
  shutdown_date: day.optional(),
  released: z.string().optional(),
  note: z.string().optional(),
  aka: z.string().optional(),
});

export interface CatalogReport {
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
  /** What is to be looked at again, a line each: it does not fail the check. */
  readonly stale: readonly string[];
}

const priceAgeDaysMax = 120;
const endsWithinDays = 45;
const dayMs = 86_400_000;

/**
 * What is wrong with the catalog on a day (ISO 8601), and what of it is growing old: rows that are not as they should
 * be, models whose provider has no adapter for their task, successors that are none, prices that were read long ago.
 */
export async function checkCatalog(rows: readonly unknown[], today: string): Promise<CatalogReport> {
  const problems = rows.flatMap((one) => shapeProblems(one));
  if (problems.length > 0) return { problems, stale: [] };
  const known = rows as readonly CatalogRow[];
  const catalog = openCatalog(known, today);
  const cards = catalog.search({});
  if (cards.length < known.length) problems.push(`${known.length - cards.length} ids are there twice`);
  for (const card of cards) {
    problems.push(...lifecycleProblems(card, catalog));
    if (card.status !== "ended" && card.task !== "realtime") problems.push(...(await adapterProblems(card)));
  }
  return { problems, stale: known.flatMap((one) => staleness(one, today)) };
}

function shapeProblems(value: unknown): string[] {
  const parsed = row.safeParse(value);
  const id = (value as { id?: unknown } | null)?.id;
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${String(id)}: ${path.join(".")} ${message}`);
}

function lifecycleProblems({ id, status, task, successor, shutdownDate }: ModelCard, catalog: Catalog): string[] {
  const problems: string[] = [];
  const next = successor === undefined ? undefined : catalog.find(successor);
  if (shutdownDate !== undefined && status !== "deprecated" && status !== "ended") {
    problems.push(`${id}: ends on ${shutdownDate} and is not deprecated`);
  }
  if (successor !== undefined && (next === undefined || next.id !== successor)) {
    problems.push(`${id}: its successor ${successor} is not in the catalog`);
  }
  if (next?.status === "ended") problems.push(`${id}: its successor ${successor} has ended itself`);
  if (next && next.task !== task) problems.push(`${id}: its successor ${successor} does ${next.task}`);
  return problems;
}

async function adapterProblems(card: ModelCard): Promise<string[]> {
  const info = providerList.find(({ provider }) => provider === card.provider);
  const adapter = await loadAdapter(card.provider);
  if (Object.hasOwn(adapter?.uncallable ?? {}, card.nativeId)) return [];
  const found = adapter?.[card.task as "image"] as unknown;
  const doing = typeof found === "function" ? (found as (model: ModelCard) => unknown)(card) : found;
  if (info?.tasks.includes(card.task) && doing !== undefined) return [];
  return [`${card.id}: ${card.provider} has no adapter for ${card.task}`];
}

function staleness({ id, price: given, source, shutdown_date }: CatalogRow, today: string): string[] {
  const lines: string[] = [];
  const daysTo = (date: string) => Math.round((Date.parse(date) - Date.parse(today)) / dayMs);
  if (given === null) lines.push(`${id}: no price`);
  else {
    const read = source
      .match(/\d{4}-\d{2}-\d{2}/g)
      ?.toSorted()
      .at(-1);
    if (read === undefined) lines.push(`${id}: its price has no date`);
    else if (daysTo(read) < -priceAgeDaysMax) lines.push(`${id}: its price was read ${-daysTo(read)} days ago`);
  }
  if (shutdown_date === undefined) return lines;
  const left = daysTo(shutdown_date);
  if (left <= 0) lines.push(`${id}: ended on ${shutdown_date}`);
  else if (left <= endsWithinDays) lines.push(`${id}: ends in ${left} days, on ${shutdown_date}`);
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await shippedRows();
  const { problems, stale } = await checkCatalog(rows, isoTime(systemClock.now()).slice(0, 10));
  for (const line of stale) console.log(`stale    ${line}`);
  for (const line of problems) console.log(`problem  ${line}`);
  console.log(`${rows.length} models, ${problems.length} problems, ${stale.length} to look at again`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
