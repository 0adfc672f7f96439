import { hash, timingSafeEqual } from "node:crypto";
import type { Rights } from "../core/caller.ts";
import { type Clock, isoTime, type Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { creditLimits } from "../core/limits.ts";
import { checkText } from "./amounts.ts";

/** A key as it is stored: never its secret, only what recognises it. JSON-safe, for the settings file. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly workspace: string;
  /** What it may do; absent: everything in its workspace. */
  readonly rights?: Rights | undefined;
  /** SHA-256 of the whole key, in hex. The key has 256 random bits, so nothing slower is needed. */
  readonly hash: string;
  /** Its last characters, to tell keys apart in a list. */
  readonly hint: string;
  /** ISO 8601. */
  readonly created_at: string;
  /** ISO 8601; from then on the key opens nothing. */
  readonly revoked_at?: string | undefined;
  /** What the key was before it was rotated, still good for a while. */
  readonly previous?: { readonly hash: string; readonly until: string } | undefined;
}

/** A new key in the clear. It is shown once and cannot be had again. */
export interface IssuedKey {
  readonly record: KeyRecord;
  readonly secret: string;
}

/** `sy_` and 32 random bytes in base64url: found by secret scanners, safe in a header and on a command line. */
const secretPattern = /^sy_[A-Za-z0-9_-]{43}$/;
const hintCharacters = 4;

/** Makes a key for a workspace. @throws invalid_request for a name that cannot be shown. */
export function createKey(
  options: { readonly name: string; readonly workspace: string; readonly rights?: Rights | undefined },
  { clock, rng }: { readonly clock: Clock; readonly rng: Rng },
): IssuedKey {
  const { secret, hash, hint } = newSecret(rng);
  const record = {
    id: newId("key", rng),
    name: checkText(options.name, "name", creditLimits.nameCharactersMax),
    workspace: checkText(options.workspace, "workspace", creditLimits.nameCharactersMax),
    ...(options.rights === undefined ? {} : { rights: options.rights }),
    hash,
    hint,
    created_at: isoTime(clock.now()),
  };
  return { record, secret };
}

/**
 * Gives a key a new secret under the same id, so that its budgets and history stay. The old secret is good for `graceMs`.
 * @throws conflict for a revoked key.
 */
export function rotateKey(
  record: KeyRecord,
  graceMs: number,
  { clock, rng }: { readonly clock: Clock; readonly rng: Rng },
): IssuedKey {
  if (record.revoked_at !== undefined) {
    throw new SwitchyardError("conflict", `key ${record.id} was revoked at ${record.revoked_at}`, {
      next: "Create a new key with `switchyard keys create`",
      details: { key: record.id },
    });
  }
  const { secret, hash, hint } = newSecret(rng);
  const { previous: _older, ...rest } = record;
  const previous = graceMs > 0 ? { previous: { hash: record.hash, until: isoTime(clock.now() + graceMs) } } : {};
  return { record: { ...rest, hash, hint, ...previous }, secret };
}

/** The record of a key that opens nothing from now on. What its calls hold is still settled. */
export function revokeKey(record: KeyRecord, clock: Clock): KeyRecord {
  if (record.revoked_at !== undefined) return record;
  const { previous: _previous, ...rest } = record;
  return { ...rest, revoked_at: isoTime(clock.now()) };
}

/** The record that a presented secret belongs to; undefined for any that opens nothing. */
export function findKey(records: readonly KeyRecord[], presented: string, clock: Clock): KeyRecord | undefined {
  if (!secretPattern.test(presented)) return undefined;
  const presentedHash = hashSecret(presented);
  return records.find((record) => {
    if (record.revoked_at !== undefined) return false;
    const { previous } = record;
    return (
      equalHashes(record.hash, presentedHash) ||
      (previous !== undefined && Date.parse(previous.until) > clock.now() && equalHashes(previous.hash, presentedHash))
    );
  });
}

function newSecret(rng: Rng): { secret: string; hash: string; hint: string } {
  const secret = `sy_${Buffer.from(rng.bytes(32)).toString("base64url")}`;
  return { secret, hash: hashSecret(secret), hint: secret.slice(-hintCharacters) };
}

function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}

function equalHashes(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, "hex"), Buffer.from(right, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}
