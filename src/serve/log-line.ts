/**
 * A log that takes one line each time: what a client sent may be part of it, and must not forge lines or fill the
 * disk with one.
 */
export function oneLineLog(log: (line: string) => void): (text: string) => void {
  return (text) => {
    const line = text.replace(/\s*[\n\r]\s*/g, " | ").replace(/[\p{Cc}\u2028\u2029]/gu, " ");
    log(line.length > lineCharactersMax ? `${line.slice(0, lineCharactersMax)}…` : line);
  };
}

const lineCharactersMax = 2_000;
