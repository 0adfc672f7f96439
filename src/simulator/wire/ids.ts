/** Ids that are unique within a simulator and the same in every run with the same seed. */
export interface IdSource {
  /** `prefix` and a number that is never handed out twice. */
  next(prefix: string): string;
}

export function idSource(seed: number): IdSource {
  let count = 0;
  const stem = `sim${(seed >>> 0).toString(36)}n`;
  return { next: (prefix) => `${prefix}${stem}${(++count).toString(36).padStart(6, "0")}` };
}
