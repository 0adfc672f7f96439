import { hash, timingSafeEqual } from "node:crypto";
import { type Clock, isoTime, type Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";

/** What is kept of a key: enough to recognise it, nothing to use it. JSON-safe, a part of its record in the settings. */
export interface KeptSecret {
  readonly id: string;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
  /** What the key was before it was rotated, still good for a while. ISO 8601. */
  readonly previous?: { readonly hash: string; readonly until: string } | undefined;
  /** ISO 8601; from then on the key opens nothing, and its record is kept for the history. */
  readonly revoked_at?: string | undefined;
}

/** A new key in the clear. It is shown once and cannot be had again. */
export interface NewSecret {
  readonly secret: string;
  readonly hash: string;
}

const secretBytes = 32;

/** `sy_` and 256 random bits in base64url: secret scanners find it, and it is safe in a header and on a command line. */
export function newSecret(rng: Rng): NewSecret {
  const secret = `sy_${Buffer.from(rng.bytes(secretBytes)).toString("base64url")}`;
  return { secret, hash: hashSecret(secret) };
}

/** SHA-256, hexadecimal. A key is random and long, so a fast hash gives nothing away. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** Whether a key that is presented is this one, as it is now or as it was before a rotation whose grace is not over. */
export function opens(kept: KeptSecret, presented: string, now: number): boolean {
  if (kept.revoked_at !== undefined) return false;
  const presentedHash = hashSecret(presented);
  if (equalHashes(kept.hash, presentedHash)) return true;
  const { previous } = kept;
  return previous !== undefined && Date.parse(previous.until) > now && equalHashes(previous.hash, presentedHash);
}

/**
 * Gives a key a new secret under the same id, so that its rights, budgets and history stay. The old one is good for `graceMs`.
 * @throws conflict for a revoked key.
 */
export function rotated<K extends KeptSecret>(
  kept: K,
  graceMs: number,
  { clock, rng }: { readonly clock: Clock; readonly rng: Rng },
): { readonly record: K; readonly secret: string } {
  if (kept.revoked_at !== undefined) {
    throw new SwitchyardError("conflict", `key ${kept.id} was revoked at ${kept.revoked_at}`, {
      next: "Create a new key with `switchyard keys create`",
      details: { key: kept.id },
    });
  }
  const { secret, hash: newHash } = newSecret(rng);
  const previous = graceMs > 0 ? { hash: kept.hash, until: isoTime(clock.now() + graceMs) } : undefined;
  return { record: { ...kept, hash: newHash, previous }, secret };
}

/** The record of a key that opens nothing from now on, not even by its old secret. What its calls hold is still settled. */
export function revoked<K extends KeptSecret>(kept: K, clock: Clock): K {
  if (kept.revoked_at !== undefined) return kept;
  return { ...kept, previous: undefined, revoked_at: isoTime(clock.now()) };
}

function equalHashes(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, "hex"), Buffer.from(right, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}
