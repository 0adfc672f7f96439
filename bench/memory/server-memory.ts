import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { englishFunctionWords } from "../../src/memory/text/function-words.data.ts";
import type { Conversation } from "./conversation.ts";
import type { Method } from "./searcher.ts";

/** The MCP reference memory server, spoken to as a host does: every turn is an entity, the question is the query. */
export const serverMemory: Method = {
  name: "server-memory",
  open: (conversation) => openServer(conversation, async (search, question) => await search(question)),
};

/**
 * The same server with a client that does the work for it: one search for each content word, and entities ranked by
 * the rarity of the words that found them.
 */
export const serverMemoryByWord: Method = {
  name: "server-memory, by word",
  open: (conversation) =>
    openServer(conversation, async (search, question) => {
      const words = (question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !stopWords.has(word));
      const scores = new Map<string, number>();
      for (const word of new Set(words)) {
        const found = await search(word);
        for (const id of found) scores.set(id, (scores.get(id) ?? 0) + 1 / (1 + found.length));
      }
      return [...scores].sort((a, b) => b[1] - a[1]).map(([id]) => id);
    }),
};

const stopWords = new Set(englishFunctionWords);
const entitiesPerCall = 200;

type Search = (query: string) => Promise<string[]>;

async function openServer(conversation: Conversation, answer: (search: Search, question: string) => Promise<string[]>) {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
  const entry = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-memory/dist/index.js"));
  const client = new Client({ name: "bench", version: "1" });
  const env = { PATH: process.env.PATH ?? "", MEMORY_FILE_PATH: join(directory, "memory.jsonl") };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [entry], env, stderr: "ignore" }));
  const { turns } = conversation;
  for (let from = 0; from < turns.length; from += entitiesPerCall) {
    const entities = turns.slice(from, from + entitiesPerCall).map((turn) => ({
      name: turn.id,
      entityType: "turn",
      observations: [`${turn.speaker}: ${turn.text}`],
    }));
    await client.callTool({ name: "create_entities", arguments: { entities } });
  }
  async function search(query: string): Promise<string[]> {
    const result = await client.callTool({ name: "search_nodes", arguments: { query } });
    const { entities } = result.structuredContent as { entities: { name: string }[] };
    return entities.map((entity) => entity.name);
  }
  return {
    search: async (question: { text: string }, limit: number) => ({
      turns: (await answer(search, question.text)).slice(0, limit),
    }),
    async close() {
      await client.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
