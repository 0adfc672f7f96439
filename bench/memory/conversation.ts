/** A labelled conversation, generated or loaded. */
export interface Conversation {
  readonly id: string;
  /** Which half of the set it belongs to. */
  readonly half: "tuned" | "held back";
  readonly turns: readonly Turn[];
  readonly questions: readonly Question[];
}

export interface Turn {
  readonly id: string;
  readonly session: string;
  readonly speaker: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Question {
  readonly category: string;
  readonly text: string;
  /** Ids of the turns that answer it; none when nothing does. */
  readonly evidence: readonly string[];
  /** The day it is asked, ISO 8601. */
  readonly askedAt: string;
}
