import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Conversation, Question, Turn } from "./conversation.ts";

const turn = z.object({
  dia_id: z.string(),
  speaker: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
const sample = z.object({
  sample_id: z.string(),
  conversation: z.record(z.string(), z.union([z.string(), z.array(turn)])),
  qa: z.array(z.object({ question: z.string(), category: z.int(), evidence: z.array(z.string()).default([]) })),
});

const categories = ["?", "multi-hop", "temporal", "open-domain", "single", "adversarial"];
const months = "january february march april may june july august september october november december".split(" ");

/**
 * Reads a file in LoCoMo's format (locomo10.json, by Maharana and others, 2024). Questions whose evidence names no
 * turn are left out, and so is the adversarial category, as in the paper's retrieval table by category.
 */
export function loadLocomo(path: string): Conversation[] {
  const samples = z.array(sample).parse(JSON.parse(readFileSync(path, "utf8")));
  return samples.map((one, index) => {
    const turns = turnsOf(one.conversation);
    const known = new Set(turns.map((item) => item.id));
    const askedAt = turns.at(-1)?.at ?? new Date(0).toISOString();
    const questions = one.qa.flatMap((item): Question[] => {
      const category = categories[item.category] ?? "?";
      // Some evidence is written as "D8:6; D9:17" or "D:11:26".
      const ids = item.evidence.flatMap((text) => text.replace("D:", "D").match(/D\d+:\d+/g) ?? []);
      const evidence = [...new Set(ids.map(withoutZeros))].filter((id) => known.has(id));
      return category === "adversarial" || evidence.length === 0
        ? []
        : [{ category, text: item.question, evidence, askedAt }];
    });
    return { id: one.sample_id, half: index % 2 === 0 ? "tuned" : "held back", turns, questions };
  });
}

function withoutZeros(id: string): string {
  return id.replace(/(\d+)/g, (digits) => String(Number(digits)));
}

function turnsOf(conversation: z.infer<typeof sample>["conversation"]): Turn[] {
  const turns: Turn[] = [];
  for (let number = 1; `session_${number}_date_time` in conversation; number += 1) {
    const session = conversation[`session_${number}`];
    const date = readDate(String(conversation[`session_${number}_date_time`]));
    if (!Array.isArray(session)) continue;
    for (const [index, { dia_id, speaker, text, blip_caption }] of session.entries()) {
      turns.push({
        id: withoutZeros(dia_id),
        session: `session ${number}`,
        speaker,
        text: blip_caption === undefined ? text : `${text} [shares ${blip_caption}]`,
        at: new Date(date + index * 60_000).toISOString(),
      });
    }
  }
  return turns;
}

/** "1:56 pm on 8 May, 2023". */
function readDate(text: string): number {
  const [, hour, minute, half, day, month = "", year] = /(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)/i.exec(text) ?? [];
  const hours = (Number(hour ?? 0) % 12) + (half?.toLowerCase() === "pm" ? 12 : 0);
  return Date.UTC(
    Number(year ?? 1970),
    months.indexOf(month.toLowerCase()),
    Number(day ?? 1),
    hours,
    Number(minute ?? 0),
  );
}
