import type { Question } from "./conversation.ts";
import { generate, usualSize } from "./generate.ts";
import { type Random, seeded } from "./random.ts";

export interface Corpus {
  readonly memories: readonly {
    readonly content: string;
    readonly session: string;
    readonly speaker: string;
    readonly occurred_at: string;
  }[];
  readonly questions: readonly Question[];
}

const turnsPerConversation = 450;
const vocabularySize = 20_000;
const replacedShare = 0.25;

/**
 * Any number of memories to measure speed with: generated conversations in which a quarter of the words are others
 * from a large vocabulary, rare words rarer as in real text, so that the index is as large as one of real text.
 */
export function corpus(count: number, seed = 7): Corpus {
  const random = seeded(seed);
  const conversations = generate(seed, { ...usualSize, conversations: Math.ceil(count / turnsPerConversation) });
  const memories = conversations.flatMap(({ id, turns }) =>
    turns.map(({ text, session, speaker, at }) => ({
      content: aged(text, random),
      session: `${id} ${session}`,
      speaker,
      occurred_at: at,
    })),
  );
  const questions = conversations.slice(0, 40).flatMap((conversation) => conversation.questions);
  return { memories: memories.slice(0, count), questions: random.shuffled(questions) };
}

function aged(text: string, random: Random): string {
  return text.replace(/\p{L}+/gu, (word) => {
    if (random.fraction() >= replacedShare) return word;
    const rank = Math.floor(vocabularySize ** random.fraction());
    return `w${((rank * 7_919) % vocabularySize).toString(36)}`;
  });
}
