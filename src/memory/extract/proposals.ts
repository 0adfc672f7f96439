import { isoTime } from "../../core/clock.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { memoryLimits } from "../../core/limits.ts";
import { memoryKinds } from "../arguments.ts";
import type { Proposal } from "../models.ts";
import { type NewMemory, newMemory } from "../new-memory.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { MemoryRow } from "../row.ts";
import type { Analyzer } from "../text/analyzer.ts";

/**
 * The proposals worth keeping, as memories traced to their message. What a model made up is left out: a message that
 * was not sent, a number or a name that the messages do not hold, a text past the bounds; so is a fact older than the
 * one its key holds.
 */
export function acceptable(
  profile: ProfileDatabase,
  proposals: readonly Proposal[],
  messages: readonly MemoryRow[],
  generation: string | null,
  analyzer: Analyzer,
): NewMemory[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const said = new Set(messages.flatMap(({ content, speaker }) => analyzer.text(`${speaker ?? ""} ${content}`).terms));
  const perMessage = new Map<string, number>();
  const accepted: NewMemory[] = [];
  for (const proposal of proposals) {
    const message = byId.get(proposal.message);
    const count = perMessage.get(proposal.message) ?? 0;
    if (message === undefined || count >= memoryLimits.proposalsPerMessageMax) continue;
    const memory = toMemory(proposal, message, generation);
    if (memory === undefined || !isGrounded(memory.content, said, analyzer)) continue;
    if (memory.topic !== null && isOutdated(profile, memory.topic, timeOf(message))) continue;
    perMessage.set(proposal.message, count + 1);
    accepted.push(memory);
  }
  return accepted;
}

function toMemory(proposal: Proposal, message: MemoryRow, generation: string | null): NewMemory | undefined {
  const kind = proposal.kind ?? "fact";
  if (typeof proposal.content !== "string" || !memoryKinds.includes(kind)) return undefined;
  const fields = {
    content: proposal.content,
    kind,
    ...(typeof proposal.key === "string" && proposal.key.trim() !== "" && { key: proposal.key }),
    session: message.session ?? undefined,
    speaker: message.speaker ?? undefined,
    occurred_at: message.occurred_at === null ? undefined : isoTime(message.occurred_at),
    generation: generation ?? undefined,
  };
  try {
    return newMemory(fields, "content", "extract", { message: message.id });
  } catch (error) {
    if (error instanceof SwitchyardError) return undefined;
    throw error;
  }
}

/** Whether every number and every name of a text is among the terms that were said. */
function isGrounded(content: string, said: ReadonlySet<string>, analyzer: Analyzer): boolean {
  const names = content.match(/(?<=[^.!?\s]\s+)\p{Lu}\p{L}+/gu) ?? [];
  const numbers = content.match(/\d+/g) ?? [];
  return [...names, ...numbers].every((word) => analyzer.text(word).terms.every((term) => said.has(term)));
}

function isOutdated(profile: ProfileDatabase, topic: string, saidAt: number): boolean {
  const current = profile.statement("SELECT * FROM memories WHERE topic = ? AND ended IS NULL").get(topic);
  return current !== undefined && timeOf(current as unknown as MemoryRow) > saidAt;
}

function timeOf(row: MemoryRow): number {
  return row.occurred_at ?? row.remembered_at;
}
