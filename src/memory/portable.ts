import { z } from "zod";
import { isoTime } from "../core/clock.ts";
import { canonicalJson } from "../core/json.ts";
import { memoryLimits } from "../core/limits.ts";
import { memoryKinds } from "./arguments.ts";
import { parseInstant } from "./instant.ts";
import { checkText, memoryId, newMemory, topicOf } from "./new-memory.ts";
import type { MemoryRow } from "./row.ts";

/** A row as it is imported: everything but its number. */
export type PortableRow = Omit<MemoryRow, "n">;

const label = z.string().min(1);
const line = z.strictObject({
  id: z.string().regex(/^mem_[0-9a-z]{26}$/),
  identity: z.string().regex(/^[0-9a-f]{32}$/),
  content: z.string().min(1),
  kind: z.enum(memoryKinds),
  key: label.optional(),
  session: label.optional(),
  speaker: label.optional(),
  occurred_at: z.string().optional(),
  remembered_at: z.string(),
  expires_at: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  writer: label.optional(),
  via: z.enum(["remember", "message", "extract", "import"]),
  generation: label.optional(),
  message: label.optional(),
  supersedes: label.optional(),
  superseded_by: label.optional(),
  ended: z.enum(["superseded", "retracted", "expired"]).optional(),
  ended_at: z.string().optional(),
});
const header = z.object({ format: z.literal("switchyard-memory"), version: z.literal(1) });
const entity = z.object({
  type: z.literal("entity"),
  name: label,
  entityType: z.string(),
  observations: z.array(z.string()),
});
const relation = z.object({ type: z.literal("relation"), from: label, to: label, relationType: z.string() });

/** First line of an export. */
export function toHeader(profile: string, now: number): string {
  return JSON.stringify({ format: "switchyard-memory", version: 1, profile, exported_at: isoTime(now) });
}

/** One memory with its history as a line of JSON; `readLine` gives the same row back. */
export function toLine(row: MemoryRow): string {
  const times = { occurred_at: row.occurred_at, expires_at: row.expires_at, ended_at: row.ended_at };
  const { n: _n, topic: _topic, ...rest } = row;
  const written: Record<string, unknown> = {
    ...rest,
    identity: Buffer.from(row.identity).toString("hex"),
    remembered_at: isoTime(row.remembered_at),
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
  };
  for (const [name, time] of Object.entries(times)) written[name] = time === null ? null : isoTime(time);
  return JSON.stringify(Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null)));
}

/**
 * What one line of an import holds: a memory of ours, several from the MCP reference memory server's file, or none.
 * @throws when the line is neither; the message says why.
 */
export function readLine(text: string, now: number): PortableRow[] {
  if (text.length > memoryLimits.importLineCharactersMax) throw new Error("the line is too long");
  const json: unknown = JSON.parse(text);
  if (header.safeParse(json).success) return [];
  const asEntity = entity.safeParse(json);
  if (asEntity.success) return entityRows(asEntity.data, now);
  const asRelation = relation.safeParse(json);
  if (asRelation.success) {
    const { from, to, relationType } = asRelation.data;
    return [foreignRow(`${from} ${relationType} ${to}`, { relation: { from, to, type: relationType } }, now)];
  }
  return [toRow(line.parse(json))];
}

function toRow(item: z.infer<typeof line>): PortableRow {
  checkText(item.content, "content", memoryLimits.contentCharactersMax);
  const time = (field: "occurred_at" | "expires_at" | "ended_at") =>
    item[field] === undefined ? null : parseInstant(item[field], field);
  return {
    id: item.id,
    identity: Buffer.from(item.identity, "hex"),
    content: item.content,
    kind: item.kind,
    key: item.key ?? null,
    topic: item.key === undefined ? null : topicOf(item.key),
    session: item.session ?? null,
    speaker: item.speaker ?? null,
    occurred_at: time("occurred_at"),
    remembered_at: parseInstant(item.remembered_at, "remembered_at"),
    expires_at: time("expires_at"),
    metadata: item.metadata === undefined ? null : canonicalJson(item.metadata),
    writer: item.writer ?? null,
    via: item.via,
    generation: item.generation ?? null,
    message: item.message ?? null,
    supersedes: item.supersedes ?? null,
    superseded_by: item.superseded_by ?? null,
    ended: item.ended ?? null,
    ended_at: time("ended_at"),
  };
}

/** The reference server's entities: each observation is a memory that names its entity. */
function entityRows({ name, entityType, observations }: z.infer<typeof entity>, now: number): PortableRow[] {
  const metadata = { entity: { name, type: entityType } };
  if (observations.length === 0) return [foreignRow(`${name} (${entityType})`, metadata, now)];
  return observations.map((observation) => foreignRow(`${name} (${entityType}): ${observation}`, metadata, now));
}

function foreignRow(content: string, metadata: Record<string, unknown>, now: number): PortableRow {
  const { identity, ...memory } = newMemory({ content, metadata }, "content", "import");
  return {
    id: memoryId(identity, 0),
    identity,
    content: memory.content,
    kind: memory.kind,
    key: null,
    topic: null,
    session: null,
    speaker: null,
    occurred_at: null,
    remembered_at: now,
    expires_at: null,
    metadata: memory.metadata,
    writer: null,
    via: "import",
    generation: null,
    message: null,
    supersedes: null,
    superseded_by: null,
    ended: null,
    ended_at: null,
  };
}
