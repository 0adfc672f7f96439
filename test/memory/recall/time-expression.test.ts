import { describe, expect, it } from "vitest";
import { readTimeExpressions } from "../../../src/memory/recall/time-expression.ts";

// A Wednesday.
const reference = Date.parse("2026-05-20T15:00:00Z");

function rangesOf(query: string): string[] {
  return readTimeExpressions(query, reference).ranges.map(({ from, to }) => {
    const day = (instant: number) =>
      instant === Number.MIN_SAFE_INTEGER ? "…" : new Date(instant).toISOString().slice(0, 10);
    return `${day(from)}/${day(to)}`;
  });
}

describe("time expressions", () => {
  it.each([
    ["what happened on 2024-02-29?", "2024-02-29/2024-03-01"],
    ["the 8th of May, 2023", "2023-05-08/2023-05-09"],
    ["8 May 2023", "2023-05-08/2023-05-09"],
    ["On May 8th, 2023", "2023-05-08/2023-05-09"],
    ["08.05.2023", "2023-05-08/2023-05-09"],
    ["in September 2025", "2025-09-01/2025-10-01"],
    ["2025-09", "2025-09-01/2025-10-01"],
    ["on 3 June", "2025-06-03/2025-06-04"],
    ["on 3 April", "2026-04-03/2026-04-04"],
    ["in august", "2025-08-01/2025-09-01"],
    ["last May", "2025-05-01/2025-06-01"],
    ["in May", "2026-05-01/2026-06-01"],
    ["in 2019", "2019-01-01/2020-01-01"],
    ["summer of 2024", "2024-06-01/2024-09-01"],
    ["last winter", "2025-12-01/2026-03-01"],
    ["Q3 2024", "2024-07-01/2024-10-01"],
    ["yesterday", "2026-05-19/2026-05-20"],
    ["the day before yesterday", "2026-05-18/2026-05-19"],
    ["today", "2026-05-20/2026-05-21"],
    ["three days ago", "2026-05-17/2026-05-18"],
    ["2 weeks ago", "2026-05-03/2026-05-10"],
    ["a month ago", "2026-04-01/2026-05-01"],
    ["a couple of years ago", "2024-01-01/2025-01-01"],
    ["in the last two weeks", "2026-05-06/2026-05-21"],
    ["last week", "2026-05-11/2026-05-18"],
    ["last weekend", "2026-05-16/2026-05-18"],
    ["this month", "2026-05-01/2026-06-01"],
    ["next year", "2027-01-01/2028-01-01"],
    ["last Wednesday", "2026-05-13/2026-05-14"],
    ["last Friday", "2026-05-15/2026-05-16"],
    ["on Friday", "2026-05-15/2026-05-16"],
    ["next Friday", "2026-05-22/2026-05-23"],
    ["since March 2026", "2026-03-01/2026-05-20"],
    ["before 2020", "…/2020-01-01"],
    ["after 3 April 2026", "2026-04-04/2026-05-20"],
  ])("reads %j", (query, range) => {
    expect(rangesOf(query)).toEqual([range]);
  });

  it.each([
    "may I march on",
    "you may go",
    "30 February 2024",
    "2024-13-01",
    "the second one",
    "error 2024 in port 8080",
  ])("finds no time in %j", (query) => {
    expect(rangesOf(query)).toEqual([]);
  });

  it("finds several, and says which words are relative to the day of asking", () => {
    const found = readTimeExpressions("Did I run last week or in June 2024?", reference);
    expect(found.ranges).toHaveLength(2);
    expect([...found.relativeWords]).toEqual(["last", "week"]);
  });
});
