import { describe, expect, it } from "vitest";
import { systemRng } from "../../src/core/clock.ts";
import { type KeptSecret, newSecret, opens, revoked, rotated } from "../../src/credits/keys.ts";
import { handClock } from "../support/hand-clock.ts";

const hour = 3_600_000;
const rng = systemRng;

function issue(): {
  record: KeptSecret & { readonly name: string };
  secret: string;
  clock: ReturnType<typeof handClock>;
} {
  const { secret, hash } = newSecret(rng);
  return { record: { id: "key_1", name: "laptop", hash }, secret, clock: handClock(Date.UTC(2026, 10, 22)) };
}

describe("keys", () => {
  it("are recognised by what is kept, which does not hold them", () => {
    const { record, secret, clock } = issue();
    expect(secret).toMatch(/^sy_[\w-]{43}$/);
    expect(JSON.stringify(record)).not.toContain(secret.slice(3, 12));
    expect(opens(record, secret, clock.now())).toBe(true);
    const wrong = [
      "",
      "sy_",
      record.hash,
      `${secret}x`,
      secret.slice(0, -1),
      secret.toLowerCase(),
      newSecret(rng).secret,
    ];
    for (const other of wrong) expect(opens(record, other, clock.now())).toBe(false);
    expect(opens({ ...record, hash: "" }, secret, clock.now())).toBe(false);
  });

  it("that are rotated keep all but their secret, and the old one is good until the grace is over", () => {
    const { record, secret, clock } = issue();
    const next = rotated(record, hour, { clock, rng });
    expect(next.record).toMatchObject({ id: "key_1", name: "laptop" });
    expect(next.secret).not.toBe(secret);
    clock.advance(hour - 1);
    for (const known of [secret, next.secret]) expect(opens(next.record, known, clock.now())).toBe(true);
    clock.advance(1);
    expect(opens(next.record, secret, clock.now())).toBe(false);
    expect(opens(next.record, next.secret, clock.now())).toBe(true);
    const last = rotated(next.record, 0, { clock, rng });
    expect(opens(last.record, next.secret, clock.now())).toBe(false);
    expect(JSON.parse(JSON.stringify(last.record))).toEqual({ id: "key_1", name: "laptop", hash: last.record.hash });
  });

  it("that are revoked open nothing at once, not even in a grace, and are not rotated", () => {
    const { record, secret, clock } = issue();
    const next = rotated(record, hour, { clock, rng });
    const gone = revoked(next.record, clock);
    for (const known of [secret, next.secret]) expect(opens(gone, known, clock.now())).toBe(false);
    clock.advance(hour);
    expect(revoked(gone, clock)).toBe(gone);
    expect(() => rotated(gone, 0, { clock, rng })).toThrow("was revoked at 2026-11-22T00:00:00.000Z");
  });
});
