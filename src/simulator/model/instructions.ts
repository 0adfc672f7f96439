import { simulatorLimits } from "../../core/limits.ts";

export interface AskedCall {
  readonly name: string;
  /** JSON text of an object, as it was written. */
  readonly arguments: string;
}

/** What a prompt tells the simulated model to do, in words a test can write. */
export interface Instructions {
  /** `call a {"x":1}` one or more times; `then` between them makes rounds. */
  readonly rounds: readonly (readonly AskedCall[])[];
  /** `say 200 words`. */
  readonly words: number | null;
  /** `say exactly: …`, to the end of the text. */
  readonly exactly: string | null;
  readonly think: boolean;
  readonly refuse: boolean;
  /** `content filter`: the answer is begun and then withheld. */
  readonly filter: boolean;
  /** `block this prompt`: the prompt is refused before any answer. */
  readonly block: boolean;
}

/** Reads the instructions in a user's text. Only tools in `toolNames` can be called. */
export function readInstructions(text: string, toolNames: ReadonlySet<string>): Instructions {
  const searched = text.slice(-simulatorLimits.instructionCharactersMax);
  const exactly = /\bsay exactly:\s*([\s\S]+)$/i.exec(searched);
  const scanned = exactly ? searched.slice(0, exactly.index) : searched;
  const words = /\bsay (\d{1,7}) words\b/i.exec(scanned);
  return {
    rounds: toolNames.size === 0 ? [] : callRounds(scanned, toolNames),
    words: words ? Math.min(Number(words[1]), simulatorLimits.wordsMax) : null,
    exactly: exactly?.[1] ?? null,
    think: /\bthink\b/i.test(scanned),
    refuse: /\brefuse\b/i.test(scanned),
    filter: /\bcontent filter\b/i.test(scanned),
    block: /\bblock this prompt\b/i.test(scanned),
  };
}

function callRounds(text: string, toolNames: ReadonlySet<string>): AskedCall[][] {
  const rounds: AskedCall[][] = [];
  let current: AskedCall[] = [];
  let end = 0;
  for (const match of text.matchAll(/\bcall ([A-Za-z_][\w.-]*)\s*/g)) {
    const name = (match[1] ?? "").replace(/[.-]+$/, "");
    if (match.index < end || !toolNames.has(name)) continue;
    if (current.length > 0 && /\bthen\b/i.test(text.slice(end, match.index))) {
      rounds.push(current);
      current = [];
    }
    const start = match.index + match[0].length;
    const written = text[start] === "{" ? balanced(text, start) : null;
    current.push({ name, arguments: written ?? "{}" });
    end = start + (written?.length ?? 0);
  }
  return current.length > 0 ? [...rounds, current] : rounds;
}

/** The JSON object that begins at `start`, or null when it does not end or is not JSON. */
function balanced(text: string, start: number): string | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth > 0) continue;
      const json = text.slice(start, at + 1);
      try {
        JSON.parse(json);
        return json;
      } catch {
        return null;
      }
    }
  }
  return null;
}
