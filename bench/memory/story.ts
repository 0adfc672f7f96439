/** What conversations are made of. `{field}` is filled from a value; `{owner}`, `{ago}` and `{month}` from the scene. */
export interface Topic {
  readonly id: string;
  readonly values: readonly Readonly<Record<string, string>>[];
  /** Each is a few turns; `*` marks evidence, `o:` is the owner of the story and `p:` the partner. */
  readonly exchanges: readonly (readonly string[])[];
  /** Some exchanges go on like this, still about the subject. */
  readonly followUps: readonly (readonly string[])[];
  /** Lines of small talk that use the same values about somebody else. */
  readonly rumours: readonly string[];
  /** One owner has several of these over time. */
  readonly many?: boolean;
  /** What was said is put right in a later session; the correction is the evidence. */
  readonly corrected?: boolean;
  readonly corrections?: readonly (readonly string[])[];
  /** Questions that share words with the answer, and paraphrases that share few. */
  readonly near: readonly string[];
  readonly far: readonly string[];
  /** Evidence is every exchange of the owner on this topic. */
  readonly all?: readonly string[];
  readonly when?: readonly string[];
  /** Evidence is the one exchange that fell in a month. */
  readonly during?: readonly string[];
  /** Completes "the person …". */
  readonly bridge: string;
  /** Sounds like the others, but nobody ever said anything about it. */
  readonly plausible: string;
}

export interface Stories {
  readonly names: readonly string[];
  readonly topics: readonly Topic[];
  /** Words that small talk is filled with. */
  readonly pools: Readonly<Record<string, readonly string[]>>;
  readonly chatter: readonly (readonly string[])[];
}
