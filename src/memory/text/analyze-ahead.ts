import type { AnalyzedText, Analyzer } from "./analyzer.ts";

/** Characters analysed before others get their turn on the event loop. */
const charactersPerTurn = 32_768;

/** An analyzer that knows these texts already, made without holding up the event loop for long. */
export async function analyzeAhead(analyzer: Analyzer, texts: readonly string[]): Promise<Analyzer> {
  const known = new Map<string, AnalyzedText>();
  let characters = 0;
  for (const text of texts) {
    if (characters > charactersPerTurn) {
      await new Promise((resolve) => setImmediate(resolve));
      characters = 0;
    }
    characters += text.length;
    known.set(text, analyzer.text(text));
  }
  return { ...analyzer, text: (content) => known.get(content) ?? analyzer.text(content) };
}
