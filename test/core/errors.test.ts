import { describe, expect, it } from "vitest";
import { formatErrorLine, SwitchyardError, toErrorFacts } from "../../src/core/errors.ts";

describe("errors", () => {
  it("say code, what happened and what to do next in one line", () => {
    const error = new SwitchyardError("not_found", "there is no repo x", { next: "Commit to it first" });
    expect(formatErrorLine(toErrorFacts(error))).toBe("not_found: there is no repo x. Commit to it first.");
  });

  it("never show the message of an error that is not ours, which may hold a path or a secret", () => {
    const facts = toErrorFacts(new TypeError("cannot read /home/someone/.ssh/id_rsa"));
    expect(facts.code).toBe("internal");
    expect(JSON.stringify(facts)).not.toContain("id_rsa");
  });

  it("take an abort for a cancelled call", () => {
    const abort = new AbortController();
    abort.abort();
    expect(toErrorFacts(abort.signal.reason).code).toBe("cancelled");
  });
});
