import { describe, expect, it } from "vitest";
import { runtimeProblem } from "../../src/cli/runtime.ts";

describe("the runtime check", () => {
  it.each([
    ["22.23.3", "3.51.3"],
    ["24.21.0", "3.53.4"],
    ["26.10.0", "3.53.4"],
    ["27.0.0", "3.54.0"],
    ["26.0.0", "3.50.7"],
  ])("takes Node %s with SQLite %s", (node, sqlite) => {
    expect(runtimeProblem({ node, sqlite })).toBeUndefined();
  });

  it.each([
    ["18.20.0", undefined],
    ["20.20.2", undefined],
    ["22.22.0", "3.51.3"],
    ["23.11.0", "3.51.3"],
    ["24.20.0", "3.53.4"],
    ["26.10.0", "3.51.2"],
    ["26.10.0", "3.50.4"],
    ["26.10.0", undefined],
  ])("refuses Node %s with SQLite %s in one line that says what to do", (node, sqlite) => {
    const problem = runtimeProblem({ node, sqlite });
    expect(problem).toMatch(/Install/);
    expect(problem).not.toContain("\n");
  });
});
