import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { memoryLimits } from "../../src/core/limits.ts";
import { openMemory } from "../../src/memory/memory.ts";
import { englishFunctionWords } from "../../src/memory/text/function-words.data.ts";
import type { Conversation, Question } from "./conversation.ts";

export interface Found {
  /** Ids of turns, best first. */
  readonly turns: readonly string[];
  /** How sure the searcher is of its first, if it says. */
  readonly confidence?: number | undefined;
}

/** One conversation, stored and ready to be asked. */
export interface Searcher {
  search(question: Question, limit: number): Promise<Found> | Found;
  close(): Promise<void> | void;
}

export interface Method {
  readonly name: string;
  open(conversation: Conversation): Promise<Searcher> | Searcher;
}

/** This repository's memory with its defaults, one profile for each conversation. */
export const switchyard: Method = {
  name: "switchyard",
  async open(conversation) {
    const directory = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
    const memory = openMemory({ directory, clock: systemClock, rng: systemRng });
    const turnOf = new Map<string, string>();
    const { turns } = conversation;
    for (let from = 0; from < turns.length; from += memoryLimits.memoriesPerCallMax) {
      const batch = turns.slice(from, from + memoryLimits.memoriesPerCallMax);
      const memories = batch.map((turn) => ({
        content: turn.text,
        kind: "event" as const,
        session: turn.session,
        speaker: turn.speaker,
        occurred_at: turn.at,
      }));
      const { memories: stored } = await memory.remember({ memories }, localCaller);
      for (const [index, { id }] of stored.entries()) turnOf.set(id, batch[index]?.id ?? "");
    }
    return {
      async search(question, limit) {
        const { memories } = await memory.recall(
          { query: question.text, limit, reference_date: question.askedAt },
          localCaller,
        );
        return { turns: memories.map((found) => turnOf.get(found.id) ?? ""), confidence: memories[0]?.score };
      },
      async close() {
        await memory.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

/** FTS5 with the Porter tokenizer over `speaker: text`, any of the question's words, BM25: what one writes in an hour. */
export function plainFts(name: string, skipStopWords: boolean): Method {
  const stopWords = new Set(skipStopWords ? englishFunctionWords : []);
  return {
    name,
    open(conversation) {
      const database = new DatabaseSync(":memory:");
      database.exec("CREATE VIRTUAL TABLE turns USING fts5(id UNINDEXED, text, tokenize='porter unicode61')");
      const insert = database.prepare("INSERT INTO turns (id, text) VALUES (?, ?)");
      for (const turn of conversation.turns) insert.run(turn.id, `${turn.speaker}: ${turn.text}`);
      const select = database.prepare("SELECT id FROM turns WHERE turns MATCH ? ORDER BY rank LIMIT ?");
      return {
        search(question, limit) {
          const all = question.text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
          const some = all.filter((word) => !stopWords.has(word));
          const words = some.length > 0 ? some : all;
          const match = [...new Set(words)].map((word) => `"${word}"`).join(" OR ");
          return { turns: match === "" ? [] : select.all(match, limit).map((row) => String(row.id)) };
        },
        close: () => database.close(),
      };
    },
  };
}
