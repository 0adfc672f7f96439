import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { creditLimits } from "../../src/core/limits.ts";
import { liveRows, parseWindow, windowEnd, windowStart } from "../../src/credits/windows.ts";

const hour = 3_600_000;
const at = (text: string) => Date.parse(text);

describe("budget windows", () => {
  it("are total, day, month, or hours up to the limit, and nothing else", () => {
    const { rollingHoursMax } = creditLimits;
    expect(["total", "day", "month", "1h", `${rollingHoursMax}h`].map(parseWindow)).toHaveLength(5);
    expect(parseWindow("05h")).toBe("5h");
    for (const wrong of ["", "0h", "h", "-1h", "1.5h", `${rollingHoursMax + 1}h`, "99999h", "week", "1 h", "dayh"]) {
      expect(() => parseWindow(wrong)).toThrow("is not a budget window");
    }
  });

  it("of days and months turn over at midnight UTC, also in a leap year and at the year's end", () => {
    expect(windowStart("day", at("2028-02-29T23:59:59.999Z"))).toBe(at("2028-02-29T00:00Z"));
    expect(windowEnd("day", at("2028-02-29T00:00Z"))).toBe(at("2028-03-01T00:00Z"));
    expect(windowStart("month", at("2026-12-31T23:59:59.999Z"))).toBe(at("2026-12-01T00:00Z"));
    expect(windowEnd("month", at("2026-12-01T00:00Z"))).toBe(at("2027-01-01T00:00Z"));
    expect(windowEnd("total", 0)).toBeNull();
  });

  it("that roll count everything of the last hours, and nothing older than a sixtieth more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: 10 ** 12 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (hours, now, ago) => {
          const window = parseWindow(`${hours}h`);
          const spentAt = Math.floor(now - ago * hours * hour);
          const { first, last } = liveRows(window, now);
          const start = windowStart(window, spentAt);
          const isCounted = start >= first && start <= last;
          if (now - spentAt <= hours * hour) expect(isCounted).toBe(true);
          if (now - spentAt > hours * hour * (1 + 2 / 60)) expect(isCounted).toBe(false);
        },
      ),
    );
  });
});
