import { expect } from "vitest";
import { openCatalog } from "../../../src/catalog/catalog.ts";
import { costOf } from "../../../src/catalog/cost.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import { parseUsd } from "../../../src/core/money.ts";
import { type Generation, isAnswer, isContent } from "../../../src/infer/generation.ts";
import type { InferResult } from "../../../src/infer/result.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";

const catalog = openCatalog(await shippedRows());

/** Events after which nothing may be asked again. */
function askedAfterContent({ events }: Generation): boolean {
  const first = events.findIndex(({ event }) => isAnswer(event) && isContent(event));
  return first >= 0 && events.slice(first).some(({ event }) => event.type === "asked");
}

/**
 * What holds for every call that has ended, whatever went wrong: the book of the providers, cleared before it, is what was
 * charged or is flagged. Answers what it cost.
 */
export async function checkCall(simulator: Simulator, generation: Generation, context: string): Promise<bigint> {
  const result: InferResult = await generation.done;
  await simulator.book.idle();
  expect(askedAfterContent(generation), context).toBe(false);
  const asked = result.attempts.filter(({ outcome }) => outcome !== "skipped");
  const { entries } = simulator.book;
  // A call that was cancelled may have been so before its bytes left.
  if (result.status !== "cancelled") expect(entries.length, context).toBe(asked.length);
  for (const [index, entry] of entries.entries()) {
    const attempt = asked[index];
    const card = catalog.resolve(attempt?.model ?? "");
    expect(card.nativeId, context).toBe(entry.model);
    if (attempt?.unreconciled) continue;
    expect(parseUsd(attempt?.cost ?? "0"), context).toBe(costOf(card, entry.billed) ?? 0n);
  }
  // An answer that is there was paid, and one that was paid for is there.
  const sum = result.attempts.reduce((cost, attempt) => cost + parseUsd(attempt.cost), 0n);
  expect(parseUsd(result.cost.total), context).toBe(sum);
  if (result.status === "succeeded") expect(result.output.text, context).not.toBe("");
  return sum;
}
