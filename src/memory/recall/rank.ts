import type { Candidate } from "./candidates.ts";
import {
  hasSimilarWord,
  isBareQuestion,
  isNamed,
  type MemoryText,
  matchedPlaces,
  nearness,
  sessionShares,
  specificity,
  tellsTime,
} from "./cues.ts";
import type { Question } from "./question.ts";
import { coverageOf, type WordWeights } from "./word-weights.ts";

export interface Ranked {
  readonly candidate: Candidate;
  readonly text: MemoryText;
  /** 0 to 1. Also compares between profiles: it is low where the best match covers little of the question. */
  readonly score: number;
  readonly why: readonly string[];
}

interface Scored extends Ranked {
  /** Share of the question's words that it holds. */
  readonly coverage: number;
}

/** What each cue adds to a score whose word match is at most 1. */
const cueWeights = {
  speaker: 0.3,
  date: 0.7,
  when: 0.2,
  coverage: 0.2,
  session: 0.15,
  key: 0.5,
  order: 0.3,
  question: 0.05,
  specific: 0.3,
};

/** Candidates whose text is read; those below have no chance of the first places. */
const readInFullMin = 48;
/** Where time is the reason, many are as good as each other until they are read. */
const readInFullTimed = 120;
/** A candidate with what can be told without reading its text. */
interface Rough {
  readonly candidate: Candidate;
  readonly date: number;
  readonly isSpeaker: boolean;
  readonly score: number;
}

/** What candidates are judged by. */
export interface Judge {
  readonly question: Question;
  /** Speakers that the question names, each with the words that name them. */
  readonly speakers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly weights: WordWeights;
  /** Similarity of the nearest meaning, when meaning was searched for: it then counts as much as the words. */
  readonly nearest: number | undefined;
  /** How much terms say; asked only where the time of a memory is a reason for it. */
  readonly rarityOf: (terms: Iterable<string>) => ReadonlyMap<string, number>;
  /** Reads memories by their numbers. */
  readonly textsOf: (numbers: readonly number[]) => ReadonlyMap<number, MemoryText>;
}

/** Orders candidates by word match and by the cues that words alone do not see. */
export function rank(candidates: readonly Candidate[], judge: Judge, limit: number): Ranked[] {
  const { question, speakers } = judge;
  if (candidates.length === 0) return [];
  const best = Math.max(...candidates.map((candidate) => candidate.bm25), Number.MIN_VALUE);
  const sessions = sessionShares(candidates);
  const rough = candidates
    .map((candidate): Rough => {
      const { bm25, meaning, speaker, session, time } = candidate;
      const match = judge.nearest === undefined ? bm25 / best : (bm25 / best + meaning) / 2;
      const date = nearness(time, question.ranges);
      const isSpeaker = speaker !== null && speakers.has(speaker);
      const share = session === null ? 0 : (sessions.get(session) ?? 0);
      const cues = cueWeights.date * date + (isSpeaker ? cueWeights.speaker : 0) + cueWeights.session * share;
      return { candidate, date, isSpeaker, score: match + cues };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, Math.max(question.ranges.length > 0 ? readInFullTimed : readInFullMin, 2 * limit));
  const times = rough.map((one) => one.candidate.time);
  const newest = Math.max(...times);
  const span = Math.max(1, newest - Math.min(...times));
  const texts = judge.textsOf(rough.map((one) => one.candidate.n));
  const specific = question.ranges.length > 0 ? specificity(texts, judge.rarityOf) : undefined;
  const scored = rough
    .flatMap((one) => {
      const text = texts.get(one.candidate.n);
      if (text === undefined) return [];
      const read = readInFull(text, one, (newest - one.candidate.time) / span, judge);
      const says = one.date * (specific?.get(one.candidate.n) ?? 0);
      return { ...read, score: read.score + cueWeights.specific * says };
    })
    .sort((a, b) => b.score - a.score || b.candidate.n - a.candidate.n);
  const certainty = Math.max(judge.nearest ?? 0, ...scored.slice(0, 10).map((one) => one.coverage));
  const scale = (0.25 + 0.75 * certainty) / mostFor(question, speakers);
  return scored.map(({ candidate, text, score, why }) => ({
    candidate,
    text,
    why,
    score: Math.min(1, Math.max(0, score * scale)),
  }));
}

/** What a memory could score at most with the cues that this question has. */
function mostFor(question: Question, speakers: ReadonlyMap<string, ReadonlySet<string>>): number {
  const cues = [
    1 + cueWeights.coverage + cueWeights.session,
    speakers.size > 0 ? cueWeights.speaker : 0,
    question.ranges.length > 0 ? cueWeights.date + cueWeights.specific : 0,
    question.asksWhen ? cueWeights.when : 0,
    question.order !== undefined ? cueWeights.order : 0,
  ];
  return cues.reduce((sum, weight) => sum + weight, 0);
}

function readInFull(
  text: MemoryText,
  { candidate, date, isSpeaker, score }: Rough,
  age: number,
  { question, speakers, weights: wordWeights }: Judge,
): Scored {
  const matched = matchedPlaces(text, question, wordWeights);
  const matchedWords = question.words.filter((_, place) => matched.has(place)).map((word) => word.word);
  // A speaker who is named is in what they say, though the words do not hold their name.
  const naming = candidate.speaker === null ? undefined : speakers.get(candidate.speaker);
  for (const [place, word] of question.words.entries()) if (naming?.has(word.word)) matched.add(place);
  const coverage = coverageOf(wordWeights, matched);
  const isKey = text.topic !== null && isNamed(text.topic, question);
  let total = score + cueWeights.coverage * coverage;
  if (isKey) total += cueWeights.key;
  if (question.asksWhen && tellsTime(text)) total += cueWeights.when;
  if (question.order !== undefined) total += cueWeights.order * (question.order === "newest" ? 1 - age : age);
  if (isBareQuestion(text)) total -= cueWeights.question;
  const why = [
    ...(isKey ? [`key: ${text.key}`] : []),
    ...(matchedWords.length > 0 ? [`words: ${matchedWords.join(", ")}`] : []),
    ...(isSpeaker ? [`speaker: ${candidate.speaker}`] : []),
    ...(date > 0 ? ["date"] : []),
    ...(candidate.meaning > 0 ? ["meaning"] : []),
  ];
  if (why.length === 0) why.push(hasSimilarWord(text, question) ? "similar words" : "words of a neighbouring turn");
  return { candidate, text, score: total, coverage, why };
}
