import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generate } from "../../bench/memory/generate.ts";
import { loadLocomo } from "../../bench/memory/locomo.ts";
import { evaluate, percent, separation } from "../../bench/memory/score.ts";
import { plainFts, switchyard } from "../../bench/memory/searcher.ts";
import { heldBackStories } from "../../bench/memory/stories-held-back.data.ts";
import { tunedStories } from "../../bench/memory/stories-tuned.data.ts";
import { temporaryDirectory } from "./open.ts";

const small = { conversations: 4, sessions: 20, chatter: 6, followUps: 0.6 };

describe("the retrieval benchmark", () => {
  it("gives the same conversations for the same seed and others for another", () => {
    expect(generate(1, small)).toEqual(generate(1, small));
    expect(generate(2, small)).not.toEqual(generate(1, small));
  });

  it("names as evidence only turns there are, and asks questions with and without an answer", () => {
    for (const { turns, questions } of generate(3, small)) {
      const ids = new Set(turns.map((turn) => turn.id));
      expect(ids.size).toBe(turns.length);
      expect(questions.every((question) => question.evidence.every((id) => ids.has(id)))).toBe(true);
      expect(questions.some((question) => question.evidence.length === 0)).toBe(true);
      expect(questions.every((question) => !/[{}]/.test(question.text))).toBe(true);
    }
  });

  it("shares no name, topic or question between the halves", () => {
    const parts = [tunedStories, heldBackStories].map(({ names, topics }) => [
      ...names,
      ...topics.flatMap((topic) => [topic.id, ...topic.near, ...topic.far, ...topic.exchanges.flat()]),
    ]);
    expect(parts[0]?.filter((text) => parts[1]?.includes(text))).toEqual([]);
  });

  it("finds at least 12 points more of the evidence than plain FTS5 on the held-back half", async () => {
    const heldBack = generate(5, small).filter((conversation) => conversation.half === "held back");
    const ours = await evaluate(switchyard, heldBack);
    const plain = await evaluate(plainFts("plain", false), heldBack);
    expect(ours.overall.questions).toBe(plain.overall.questions);
    expect(percent(ours.overall, 10) - percent(plain.overall, 10)).toBeGreaterThanOrEqual(12);
  });

  it("counts recall as the mean share of evidence found", async () => {
    const question = { category: "x", text: "?", askedAt: "2026-01-01T00:00:00Z" };
    const conversation = {
      id: "c",
      half: "tuned" as const,
      turns: [],
      questions: [
        { ...question, evidence: ["a", "b"] },
        { ...question, evidence: ["z"] },
        { ...question, evidence: [] },
      ],
    };
    const turns = ["a", "1", "2", "3", "4", "b"];
    const fixed = { name: "fixed", open: () => ({ search: () => ({ turns, confidence: 1 }), close: () => {} }) };
    const scores = await evaluate(fixed, [conversation]);
    expect(percent(scores.overall, 5)).toBe(25);
    expect(percent(scores.overall, 10)).toBe(50);
    expect(separation(scores.confidence)).toBe(0.5);
  });

  it("reads a file in LoCoMo's format, mending its evidence and leaving out what has none", () => {
    const path = join(temporaryDirectory(), "locomo.json");
    const turn = (dia_id: string, text: string) => ({ speaker: "Caroline", dia_id, text });
    const qa = [
      { question: "When?", category: 2, evidence: ["D1:2; D1:01"], answer: "x" },
      { question: "Where?", category: 4, evidence: ["D:1:1"] },
      { question: "Nowhere?", category: 1, evidence: ["D9:9"] },
      { question: "Trap?", category: 5, evidence: ["D1:1"], adversarial_answer: "x" },
    ];
    const conversation = {
      speaker_a: "Caroline",
      speaker_b: "Mel",
      session_1_date_time: "1:56 pm on 8 May, 2023",
      session_1: [turn("D1:1", "Hey!"), { ...turn("D1:2", "Look"), blip_caption: "a dog" }],
    };
    writeFileSync(path, JSON.stringify([{ sample_id: "conv-26", conversation, qa }]));
    const [loaded] = loadLocomo(path);
    expect(loaded?.turns).toEqual([
      { id: "D1:1", session: "session 1", speaker: "Caroline", text: "Hey!", at: "2023-05-08T13:56:00.000Z" },
      {
        id: "D1:2",
        session: "session 1",
        speaker: "Caroline",
        text: "Look [shares a dog]",
        at: "2023-05-08T13:57:00.000Z",
      },
    ]);
    expect(loaded?.questions.map(({ category, evidence }) => [category, evidence])).toEqual([
      ["temporal", ["D1:2", "D1:1"]],
      ["single", ["D1:1"]],
    ]);
  });
});
