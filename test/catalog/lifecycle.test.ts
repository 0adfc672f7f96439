import { describe, expect, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { deprecationWarning, endedReason } from "../../src/catalog/lifecycle.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";

const rows = await shippedRows();

describe("a model's end", () => {
  test.each([
    ["2026-12-10", "deprecated"],
    ["2026-12-11", "ended"],
    ["2027-01-01", "ended"],
  ])("comes on its day: on %s gpt-5 is %s", (today, status) => {
    expect(openCatalog(rows, today).resolve("openai/gpt-5").status).toBe(status);
  });

  test("is not seen by a catalog that knows no day", () => {
    expect(openCatalog(rows).resolve("openai/sora-2").status).toBe("deprecated");
  });

  test.each([
    "openai/sora-2",
    "google/imagen-4.0-generate-001",
    "google/gemini-2.5-flash-image",
    "google/veo-3.0-generate-001",
  ])("has come for %s", (id) => {
    expect(openCatalog(rows, "2026-11-22").resolve(id).status).toBe("ended");
  });

  test("is told with what takes its place", () => {
    const catalog = openCatalog(rows, "2026-11-22");
    expect(endedReason(catalog.resolve("google/imagen-4.0-generate-001"))).toBe(
      "its provider shut it down on 2026-08-17: use google/gemini-3.1-flash-image",
    );
    expect(endedReason(catalog.resolve("openai/sora-2"))).toContain("no successor");
    expect(deprecationWarning(catalog.resolve("openai/gpt-5-mini"))).toBe(
      "openai/gpt-5-mini is deprecated and ends on 2026-12-11: use openai/gpt-5.4-mini",
    );
    expect(deprecationWarning(catalog.resolve("pixverse/v4"))).toBe("pixverse/v4 is deprecated: use pixverse/v6");
    expect(deprecationWarning(catalog.resolve("openai/gpt-5.4"))).toBeUndefined();
  });
});
