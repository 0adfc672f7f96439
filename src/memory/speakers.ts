import type { ProfileDatabase } from "./profile-database.ts";
import { words } from "./text/words.ts";

interface HasSpeaker {
  readonly speaker: string | null;
}

/** Keeps the words of speakers' names, so that a query that names one is understood. */
export function rememberSpeakers(profile: ProfileDatabase, memories: readonly HasSpeaker[]): void {
  const insert = "INSERT OR IGNORE INTO speaker_words (word, speaker) VALUES (?, ?)";
  for (const speaker of new Set(memories.map((memory) => memory.speaker))) {
    if (speaker === null) continue;
    for (const word of words(speaker)) if (word.length > 1) profile.run(insert, word, speaker);
  }
}

/** Forgets the names of speakers of whom nothing is left. */
export function forgetSpeakers(profile: ProfileDatabase, erased: readonly HasSpeaker[]): void {
  const left = profile.statement("SELECT 1 FROM memories WHERE speaker = ? LIMIT 1");
  for (const speaker of new Set(erased.map((memory) => memory.speaker))) {
    if (speaker === null || left.get(speaker) !== undefined) continue;
    profile.run("DELETE FROM speaker_words WHERE speaker = ?", speaker);
  }
}

/** Speakers that any of these words names, each with the words that name them. */
export function speakersNamed(profile: ProfileDatabase, named: Iterable<string>): Map<string, Set<string>> {
  const select = profile.statement("SELECT speaker FROM speaker_words WHERE word = ?");
  const speakers = new Map<string, Set<string>>();
  for (const word of named) {
    for (const row of select.all(word)) {
      const speaker = String(row.speaker);
      const by = speakers.get(speaker) ?? new Set();
      speakers.set(speaker, by.add(word));
    }
  }
  return speakers;
}
