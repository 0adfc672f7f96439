import { expect, test } from "vitest";
import type { Adapter } from "../../src/providers/adapter.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { dropUnsupported } from "../../src/providers/drop-unsupported.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { TextRequest } from "../../src/providers/shapes/text.ts";
import { ask, card, weatherTool } from "./support/model.ts";

const drop = ({ text }: Adapter, id: string, request: TextRequest) => {
  if (!text?.check) throw new Error("no check");
  return dropUnsupported(request, card(id), text.check);
};

test("what a model cannot honour is left out and named, the rest stays", () => {
  const request = ask("Hi", {
    params: { seed: 1, temperature: 0.5, stop: "x", max_output_tokens: 50 },
    tools: [weatherTool],
    tool_choice: "required",
  });
  const { request: left, warnings } = drop(anthropic, "anthropic/claude-sonnet-5-5", request);
  expect(left).toEqual({ ...ask("Hi"), params: { stop: "x", max_output_tokens: 50 }, tools: [weatherTool] });
  expect(warnings.map((warning) => warning.split(" ")[0])).toEqual([
    "params.temperature",
    "params.seed",
    "tool_choice",
  ]);
});

test("a field that is taken once another is gone stays", () => {
  const request = ask("Hi", { params: { temperature: 0.5, top_p: 0.5 } });
  const { request: left } = drop(anthropic, "anthropic/claude-haiku-4-5", request);
  expect(left.params).toEqual({ temperature: 0.5 });
});

test("nothing is dropped that the request needs to mean the same", () => {
  const request = ask("Hi", { response_schema: { type: "array" }, params: { seed: 1 } });
  expect(() => drop(openai, "openai/gpt-5.4", request)).toThrow("response_schema");
});

test("what is refused though it is not there ends the rounds", () => {
  const refusing = () => [{ field: "params.seed", reason: "it has none", droppable: true }];
  expect(() => dropUnsupported(ask("Hi"), card("openai/gpt-5.4"), refusing)).toThrow("params.seed");
});
