import type { Conversation, Question, Turn } from "./conversation.ts";
import { type Random, seeded } from "./random.ts";
import { heldBackStories } from "./stories-held-back.data.ts";
import { tunedStories } from "./stories-tuned.data.ts";
import type { Stories, Topic } from "./story.ts";

export interface Size {
  readonly conversations: number;
  readonly sessions: number;
  /** Small talk between two stories, in exchanges. */
  readonly chatter: number;
  /** Share of stories that the speakers stay on for a few more turns; with 0 a turn has little context to help it. */
  readonly followUps: number;
}

export const usualSize: Size = { conversations: 24, sessions: 26, chatter: 8, followUps: 0.6 };

/** Something that is told in one session, and perhaps put right in another. */
interface Telling {
  readonly topic: Topic;
  readonly value: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly session: number;
  readonly isCorrection: boolean;
  evidence: string[];
}

const dayMs = 86_400_000;
const months = "January February March April May June July August September October November December".split(" ");

/**
 * Conversations of two or three people over many sessions, with questions and the turns that answer them. The same
 * seed gives the same set. The halves share no name, topic, wording or small talk.
 */
export function generate(seed: number, size: Size = usualSize): Conversation[] {
  return Array.from({ length: size.conversations }, (_, index) => {
    const held = index % 2 === 1;
    return converse(`c${index}`, held, held ? heldBackStories : tunedStories, seeded(seed * 1_000 + index), size);
  });
}

function converse(id: string, held: boolean, stories: Stories, random: Random, size: Size): Conversation {
  const speakers = random.shuffled(stories.names).slice(0, random.between(2, 3));
  const dates = sessionDates(random, size.sessions);
  const tellings = plan(stories, speakers, random, size.sessions);
  const turns: Turn[] = [];
  for (const [session, date] of dates.entries()) {
    const scenes = random.shuffled<Telling | undefined>([
      ...tellings.filter((telling) => telling.session === session),
      ...Array.from({ length: size.chatter }, () => undefined),
    ]);
    const place = { session: `s${session + 1}`, date, minute: 0 };
    for (const telling of scenes) enact(turns, place, telling, stories, speakers, size, random);
  }
  const last = dates.at(-1) ?? 0;
  const askedAt = new Date(last + 3 * dayMs).toISOString();
  const questions = ask(stories, speakers, tellings, dates, askedAt, random);
  return { id, half: held ? "held back" : "tuned", turns, questions };
}

function sessionDates(random: Random, count: number): number[] {
  let at = Date.UTC(2024, random.between(0, 11), random.between(1, 28), random.between(7, 20));
  return Array.from({ length: count }, () => {
    at += random.between(4, 24) * dayMs;
    return at;
  });
}

/** Who tells what when. About a third of the topics are not told by a speaker at all. */
function plan(stories: Stories, speakers: readonly string[], random: Random, sessions: number): Telling[] {
  const tellings: Telling[] = [];
  for (const topic of stories.topics) {
    const values = random.shuffled(topic.values);
    for (const owner of speakers) {
      if (random.fraction() < 0.3) continue;
      const count = topic.many ? random.between(2, 3) : 1;
      const when = random.shuffled(Array.from({ length: sessions - 1 }, (_, index) => index)).slice(0, count);
      for (const session of when.sort((a, b) => a - b)) {
        const value = values.pop();
        if (value === undefined) break;
        const told = { topic, value, owner, evidence: [] };
        tellings.push({ ...told, session, isCorrection: false });
        if (topic.corrected) {
          tellings.push({
            ...told,
            evidence: [],
            session: random.between(session + 1, sessions - 1),
            isCorrection: true,
          });
        }
      }
    }
  }
  return tellings;
}

const agoPhrases = ["yesterday", "last weekend", "two days ago", "last week", "on Monday", "the other day"];

function enact(
  turns: Turn[],
  place: { session: string; date: number; minute: number },
  telling: Telling | undefined,
  stories: Stories,
  speakers: readonly string[],
  size: Size,
  random: Random,
): void {
  const owner = telling?.owner ?? random.pick(speakers);
  const partner = random.pick(speakers.filter((name) => name !== owner));
  const { script, value } = telling === undefined ? smallTalk(stories, random) : tell(telling, size, random);
  const fields = { ...value, ago: random.pick(agoPhrases) };
  for (const line of script) {
    const isEvidence = line.startsWith("*");
    const [who = "o", text = ""] = line.replace(/^\*/, "").split(/: (.*)/s);
    const turn: Turn = {
      id: `${place.session}:${place.minute + 1}`,
      session: place.session,
      speaker: who === "o" ? owner : partner,
      text: capital(fill(text, fields)),
      at: new Date(place.date + place.minute * 60_000).toISOString(),
    };
    place.minute += 1;
    turns.push(turn);
    if (isEvidence) telling?.evidence.push(turn.id);
  }
}

interface Scene {
  readonly script: readonly string[];
  readonly value: Readonly<Record<string, string>>;
}

function tell({ topic, value, isCorrection }: Telling, size: Size, random: Random): Scene {
  const script = random.pick(isCorrection ? (topic.corrections ?? []) : topic.exchanges);
  return { script: random.fraction() < size.followUps ? [...script, ...random.pick(topic.followUps)] : script, value };
}

/** Talk that answers nothing: of the day's little things, or of others in the words of the stories. */
function smallTalk(stories: Stories, random: Random): Scene {
  const pooled = Object.fromEntries(Object.entries(stories.pools).map(([name, list]) => [name, random.pick(list)]));
  if (random.fraction() < 0.7) return { script: random.pick(stories.chatter), value: pooled };
  const topic = random.pick(stories.topics);
  return { script: [random.pick(topic.rumours)], value: { ...pooled, ...random.pick(topic.values) } };
}

function ask(
  stories: Stories,
  speakers: readonly string[],
  tellings: readonly Telling[],
  dates: readonly number[],
  askedAt: string,
  random: Random,
): Question[] {
  const questions: Question[] = [];
  const add = (category: string, text: string, evidence: readonly string[]) =>
    questions.push({ category, text: capital(text), evidence, askedAt });
  for (const telling of tellings) {
    const { topic, value, owner, evidence, session, isCorrection } = telling;
    if (topic.corrected && !isCorrection) continue;
    const fields = { ...value, owner };
    add(topic.corrected ? "correction" : "single", fill(random.pick(topic.near), fields), evidence);
    add(topic.corrected ? "correction" : "paraphrase", fill(random.pick(topic.far), fields), evidence);
    if (topic.when !== undefined) add("temporal", fill(random.pick(topic.when), fields), evidence);
    const month = monthOf(dates, session);
    const inMonth = tellings.filter((other) => isSame(other, telling) && monthOf(dates, other.session) === month);
    if (topic.during !== undefined && inMonth.length === 1) {
      add("temporal", fill(random.pick(topic.during), { ...fields, month }), evidence);
    }
    const other = random.pick(tellings);
    if (other.owner === owner && other.topic !== topic && !other.topic.many && !other.topic.corrected) {
      const person = `the person ${fill(topic.bridge, value)}`;
      const text = fill(random.pick(other.topic.far), { ...other.value, owner: person });
      add("multi-hop", text, [...evidence, ...other.evidence]);
    }
  }
  for (const owner of speakers) {
    for (const topic of stories.topics) {
      const told = tellings.filter((telling) => telling.owner === owner && telling.topic === topic);
      if (topic.all !== undefined && told.length > 1) {
        add(
          "multi-hop",
          fill(random.pick(topic.all), { owner }),
          told.flatMap((telling) => telling.evidence),
        );
      }
      if (random.fraction() < 0.3) add("no answer", fill(topic.plausible, { owner }), []);
    }
  }
  return questions;
}

function isSame(a: Telling, b: Telling): boolean {
  return a.owner === b.owner && a.topic === b.topic;
}

function monthOf(dates: readonly number[], session: number): string {
  const date = new Date(dates[session] ?? 0);
  return `${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function fill(text: string, fields: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => fields[name] ?? name);
}

/** Sentences begin with a capital, whatever was filled in. */
function capital(text: string): string {
  return text.replace(/(^|[.!?] )(\p{Ll})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}
