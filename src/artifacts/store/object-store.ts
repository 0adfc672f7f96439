import type { GitObject, IdentifiedObject, ObjectType, Oid } from "../objects/object.ts";

/** What is known of an object without its content. */
export interface ObjectInfo {
  readonly type: ObjectType;
  readonly size: number;
}

/**
 * Where a repository's objects are. Narrow on purpose: a directory stands behind it today, a database can tomorrow.
 * Objects never change, so what was read once may be kept.
 */
export interface ObjectStore {
  has(oid: Oid): Promise<boolean>;
  get(oid: Oid): Promise<GitObject | null>;
  info(oid: Oid): Promise<ObjectInfo | null>;
  /**
   * Resolves when every object survives a power cut, with how many bytes that took. Objects that are there already are
   * left as they are.
   */
  putMany(objects: readonly IdentifiedObject[]): Promise<number>;
  /** Ids that begin with these hexadecimal digits, at most `limit`. */
  withPrefix(prefix: string, limit: number): Promise<Oid[]>;
}
