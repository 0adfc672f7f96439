import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { memoryKinds } from "./arguments.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import { type MemoryRow, toItem } from "./row.ts";

/** A profile as a host lists it among its MCP resources. */
export interface MemoryResource {
  /** `memory://<profile>`. */
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
}

export interface MemoryResourceContent {
  readonly uri: string;
  readonly mimeType: string;
  readonly text: string;
}

/** What a resource address names: a profile, or one memory of it. */
export interface ResourceAddress {
  readonly profile: string;
  readonly id: string | undefined;
}

const prefix = "memory://";

export function profileUri(profile: string): string {
  return `${prefix}${encodeURIComponent(profile)}`;
}

/** @throws not_found when the address is not one of memory's. */
export function readUri(uri: string): ResourceAddress {
  try {
    const [profile = "", id, ...rest] = uri.startsWith(prefix) ? uri.slice(prefix.length).split("/") : [];
    if (profile !== "" && rest.length === 0) return { profile: decodeURIComponent(profile), id };
  } catch {
    // A broken escape is an address of nothing.
  }
  throw noSuchResource(uri);
}

export function noSuchResource(uri: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no resource ${JSON.stringify(uri.slice(0, 300))}`, {
    next: `List resources for what there is; addresses look like ${prefix}default and ${prefix}default/mem_1`,
    details: { uri: uri.slice(0, 300) },
  });
}

/** A profile for a person to read: what is held under keys, then what came last. Cut at a bound. */
export function profilePage(profile: ProfileDatabase, name: string, now: number): string {
  const living = "ended IS NULL AND (expires_at IS NULL OR expires_at > ?)";
  const counts = new Map(
    profile
      .statement(`SELECT kind, count(*) AS count FROM memories WHERE ${living} GROUP BY kind`)
      .all(now)
      .map((row) => [String(row.kind), Number(row.count)]),
  );
  const select = (where: string) =>
    profile
      .statement(`SELECT * FROM memories WHERE ${living} AND ${where} ORDER BY n DESC LIMIT ?`)
      .all(now, memoryLimits.resourceMemoriesMax) as unknown as MemoryRow[];
  const parts = [
    `# Memory profile ${name}`,
    memoryKinds.map((kind) => `${counts.get(kind) ?? 0} ${kind}s`).join(", "),
    ...section("Instructions", select("kind = 'instruction'")),
    ...section("Facts by key", select("kind <> 'instruction' AND topic IS NOT NULL")),
    ...section("Latest", select("kind <> 'instruction' AND topic IS NULL")),
  ];
  return cut(parts.join("\n\n"));
}

function section(title: string, rows: readonly MemoryRow[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ id, key, speaker, content }) => {
    const lead = [key, speaker].filter((part) => part !== null).join(", ");
    const text = content.replace(/\s+/g, " ").slice(0, 300).toWellFormed();
    return `- ${lead === "" ? "" : `${lead}: `}${text} (${id})`;
  });
  return [`## ${title}`, lines.join("\n")];
}

function cut(text: string): string {
  const { resourceCharactersMax } = memoryLimits;
  if (text.length <= resourceCharactersMax) return text;
  return `${text.slice(0, resourceCharactersMax).toWellFormed()}\n\n(cut: use memory.list for the rest)`;
}

/** One memory in full with how it ended, as JSON; undefined when there is none. */
export function memoryPage(profile: ProfileDatabase, name: string, id: string): string | undefined {
  const row = profile.statement("SELECT * FROM memories WHERE id = ?").get(id) as MemoryRow | undefined;
  if (row === undefined) return undefined;
  const { supersedes, superseded_by, ended } = row;
  return JSON.stringify({ ...toItem(row, name), supersedes, superseded_by, ended }, null, 2);
}
