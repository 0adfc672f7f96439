import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThinkTags } from "../../../src/providers/dialects/openai-chat/think-tags.ts";

function apart(pieces: readonly string[]) {
  const tags = new ThinkTags();
  const all = [...pieces.map((piece) => tags.push(piece)), tags.flush()];
  return { reasoning: all.map((one) => one.reasoning).join(""), text: all.map((one) => one.text).join("") };
}

describe("reasoning in the content", () => {
  test.each([
    ["<think>Two and two.</think>\n\nFour", "Two and two.", "Four"],
    ["\n<think>\nHm\n</think>Four", "\nHm\n", "Four"],
    ["Four <think>is text here</think>", "", "Four <think>is text here</think>"],
    ["<thinking>is no tag", "", "<thinking>is no tag"],
    ["<think>cut before its e", "cut before its e", ""],
    ["<think>not a </thin tag</think>x</think>", "not a </thin tag", "x</think>"],
    ["<thi", "", "<thi"],
    ["<think></think>", "", ""],
    ["", "", ""],
  ])("%j is told apart wherever it is cut", (content, reasoning, text) => {
    for (let first = 0; first <= content.length; first++) {
      for (let second = first; second <= content.length; second++) {
        const pieces = [content.slice(0, first), content.slice(first, second), content.slice(second)];
        expect(apart(pieces)).toEqual({ reasoning, text });
      }
    }
  });

  test("any thought and any text come out as they went in", () => {
    const thought = fc.string({ unit: "grapheme" }).filter((one) => !one.includes("</think>"));
    const text = fc.string({ unit: "grapheme" }).map((one) => one.trimStart());
    fc.assert(
      fc.property(thought, text, fc.array(fc.nat({ max: 5 })), (reasoning, said, cuts) => {
        const content = `<think>${reasoning}</think>\n${said}`;
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(content.slice(at, at + cut));
          at += cut;
        }
        expect(apart([...pieces, content.slice(at)])).toEqual({ reasoning, text: said });
      }),
    );
  });
});
