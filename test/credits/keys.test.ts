import { describe, expect, it } from "vitest";
import { systemRng } from "../../src/core/clock.ts";
import { createKey, findKey, revokeKey, rotateKey } from "../../src/credits/keys.ts";
import { handClock } from "../support/ledger.ts";

const hour = 3_600_000;
const parts = () => ({ clock: handClock(Date.UTC(2026, 10, 22)), rng: systemRng });

describe("keys", () => {
  it("are shown once; what is stored opens nothing and is recognised only by the secret", () => {
    const { clock, rng } = parts();
    const { record, secret } = createKey({ name: "laptop", workspace: "default" }, { clock, rng });
    expect(secret).toMatch(/^sy_[\w-]{43}$/);
    expect(JSON.stringify(record)).not.toContain(secret.slice(3, 20));
    expect(record).toMatchObject({ id: expect.stringMatching(/^key_/), name: "laptop", hint: secret.slice(-4) });
    expect(findKey([record], secret, clock)).toBe(record);
    for (const wrong of [
      "",
      "sy_",
      record.hash,
      `${secret}x`,
      secret.slice(0, -1),
      secret.toLowerCase(),
      `x${secret}`,
    ]) {
      expect(findKey([record], wrong, clock)).toBeUndefined();
    }
    const other = createKey({ name: "other", workspace: "default" }, { clock, rng });
    expect(findKey([record, other.record], other.secret, clock)).toBe(other.record);
  });

  it("that are rotated keep their id, and the old secret is good until the grace is over", () => {
    const { clock, rng } = parts();
    const first = createKey({ name: "laptop", workspace: "default" }, { clock, rng });
    const second = rotateKey(first.record, hour, { clock, rng });
    expect(second.record.id).toBe(first.record.id);
    expect(second.secret).not.toBe(first.secret);
    clock.advance(hour - 1);
    for (const { secret } of [first, second]) expect(findKey([second.record], secret, clock)).toBe(second.record);
    clock.advance(1);
    expect(findKey([second.record], first.secret, clock)).toBeUndefined();
    expect(findKey([second.record], second.secret, clock)).toBe(second.record);
    const third = rotateKey(second.record, 0, { clock, rng });
    expect(third.record.previous).toBeUndefined();
    expect(findKey([third.record], second.secret, clock)).toBeUndefined();
  });

  it("that are revoked open nothing at once, not even in a grace, and are not rotated", () => {
    const { clock, rng } = parts();
    const first = createKey({ name: "laptop", workspace: "default" }, { clock, rng });
    const second = rotateKey(first.record, hour, { clock, rng });
    const revoked = revokeKey(second.record, clock);
    for (const { secret } of [first, second]) expect(findKey([revoked], secret, clock)).toBeUndefined();
    clock.advance(hour);
    expect(revokeKey(revoked, clock)).toBe(revoked);
    expect(() => rotateKey(revoked, 0, { clock, rng })).toThrow("was revoked at 2026-11-22T00:00:00.000Z");
  });

  it("with a name or workspace that cannot be shown are refused", () => {
    for (const options of [
      { name: "", workspace: "w" },
      { name: "a\nb", workspace: "w" },
      { name: "a", workspace: "" },
    ]) {
      expect(() => createKey(options, parts())).toThrow("characters");
    }
  });
});
