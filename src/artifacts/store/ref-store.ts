import type { Oid } from "../objects/object.ts";

export interface Ref {
  readonly name: string;
  readonly oid: Oid;
}

/** One step of an update: `from` is what the reference must be (null: absent), `to` what it becomes (null: deleted). */
export interface RefChange {
  readonly name: string;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

/** Where a repository's references are. */
export interface RefStore {
  /** The id a reference names, following symbolic ones; null when it does not exist. */
  read(name: string): Promise<Oid | null>;
  /** What a symbolic reference points to, such as HEAD's branch; null when it is not symbolic. */
  readSymbolic(name: string): Promise<string | null>;
  setSymbolic(name: string, target: string): Promise<void>;
  /** Every reference whose name begins with the prefix, by name. */
  list(prefix: string): Promise<Ref[]>;
  /**
   * Compare-and-swap of several references: all or none of them, durable when it resolves.
   * @throws RefMoved when one of them is not what `from` says, or its name cannot be.
   */
  update(changes: readonly RefChange[], signal?: AbortSignal): Promise<void>;
}

/** A reference is not what the update expected. Nothing was changed. */
export class RefMoved extends Error {
  readonly ref: string;
  readonly actual: Oid | null;
  /** Set when the name itself is impossible: `a` and `a/b` cannot both be. */
  readonly clashesWith: string | undefined;

  constructor(ref: string, actual: Oid | null, clashesWith?: string) {
    super(clashesWith === undefined ? `${ref} has moved` : `${ref} cannot be beside ${clashesWith}`);
    this.name = "RefMoved";
    this.ref = ref;
    this.actual = actual;
    this.clashesWith = clashesWith;
  }
}
