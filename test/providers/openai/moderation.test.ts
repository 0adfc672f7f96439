import { expect, test } from "vitest";
import { costOf } from "../../../src/catalog/cost.ts";
import { openai } from "../../../src/providers/openai/index.ts";
import type { ModerationRequest } from "../../../src/providers/shapes/moderation.ts";
import { bodyOf, json, shipped } from "../support/media.ts";
import { credentials } from "../support/model.ts";
import { openSimulation } from "../support/simulation.ts";

const model = shipped("openai/omni-moderation-latest");
const judge: ModerationRequest = { prompt: "", params: { input: ["be kind", "attack them"] } };
const { moderation } = openai;
if (!moderation) throw new Error("no moderation");

test("every text goes at once", () => {
  const request = moderation.request(judge, model, credentials);
  expect(request.url).toBe(`${credentials.baseUrl}/moderations`);
  expect(bodyOf(request)).toEqual({ model: "omni-moderation-latest", input: ["be kind", "attack them"] });
});

const calm = { flagged: false, categories: { violence: false }, category_scores: { violence: 0.001 } };
const fierce = {
  flagged: true,
  categories: { violence: true, hate: false },
  category_scores: { violence: 0.98, hate: "?" },
};

test("verdicts come in order, with what was found and how sure it is, for nothing", () => {
  const decoded = moderation.decode(json({ id: "modr-1", results: [calm, fierce] }), judge, model);
  expect(decoded).toMatchObject({
    result: {
      verdicts: [
        { flagged: false, categories: [], scores: { violence: 0.001 } },
        { flagged: true, categories: ["violence"], scores: { violence: 0.98 } },
      ],
    },
  });
  if ("failure" in decoded) throw new Error("failed");
  expect(costOf(model, decoded.usage)).toBe(0n);
});

test.each([
  [{ results: [calm] }, "malformed"],
  [{ results: [calm, { flagged: "no" }] }, "malformed"],
  [{ error: { message: "no", type: "server_error" } }, "server_error"],
  ["<html>", "malformed"],
])("%j is a failure", (body, kind) => {
  expect(moderation.decode(json(body), judge, model)).toMatchObject({ failure: { kind } });
});

test("the simulator judges as it is asked", async () => {
  const simulation = await openSimulation("openai");
  const done = await simulation.perform(model, judge);
  await simulation.close();
  expect(done.result).toMatchObject({ verdicts: [{ flagged: false }, { flagged: true, categories: ["violence"] }] });
  expect(done.billed).toEqual({});
});
