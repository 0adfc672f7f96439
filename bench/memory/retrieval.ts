import type { Conversation } from "./conversation.ts";
import { depths, evaluate, percent, type Scores, separation } from "./score.ts";
import { type Method, plainFts, switchyard } from "./searcher.ts";
import { serverMemory, serverMemoryByWord } from "./server-memory.ts";

const plain = plainFts("FTS5, any word", false);
const quick: readonly Method[] = [plain, plainFts("FTS5, no stop words", true), switchyard];
/** A search of the reference server reads its whole file, so it is asked a sample. */
const slow: readonly Method[] = [serverMemory, serverMemoryByWord, { ...switchyard, name: "switchyard, same sample" }];
const slowConversations = 3;
const slowEvery = 3;

/** Prints evidence recall for both halves, and by how much the default beats plain FTS5 at ten. */
export async function reportRetrieval(conversations: readonly Conversation[]): Promise<void> {
  for (const half of ["tuned", "held back"] as const) {
    const some = conversations.filter((conversation) => conversation.half === half);
    const turns = some.reduce((sum, conversation) => sum + conversation.turns.length, 0);
    const questions = some.reduce((sum, conversation) => sum + conversation.questions.length, 0);
    console.log(`\n${half} half: ${some.length} conversations, ${turns} turns, ${questions} questions`);
    console.log(`evidence recall at ${depths.join(" / ")}, percent`);
    const all = new Map<Method, Scores>();
    for (const method of quick) all.set(method, await evaluate(method, some));
    for (const method of slow) all.set(method, await evaluate(method, some.slice(0, slowConversations), slowEvery));
    printTable(all);
    const gain = percent(all.get(switchyard)?.overall, 10) - percent(all.get(plain)?.overall, 10);
    console.log(`switchyard beats ${plain.name} by ${gain.toFixed(1)} points of recall at 10`);
    const sure = all.get(switchyard)?.confidence;
    if (sure !== undefined && sure.unanswerable.length > 0) {
      console.log(
        `its first score tells an answerable question from one without answer: AUC ${separation(sure).toFixed(2)}`,
      );
    }
  }
}

function printTable(all: ReadonlyMap<Method, Scores>): void {
  const categories = [...new Set([...all.values()].flatMap((scores) => [...scores.byCategory.keys()]))].sort();
  const cell = (text: string) => text.padEnd(23);
  console.log(["method".padEnd(24), cell("all"), ...categories.map(cell)].join(""));
  for (const [method, scores] of all) {
    const columns = [scores.overall, ...categories.map((category) => scores.byCategory.get(category))];
    const cells = columns.map((score) => depths.map((depth) => percent(score, depth).toFixed(1)).join(" / "));
    const asked = scores.overall.questions;
    console.log([method.name.padEnd(24), ...cells.map(cell), `n=${asked}`].join(""));
  }
}
