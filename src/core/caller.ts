export type Access = "none" | "read" | "write";

/** What a key may do. Absent lists mean "all". A child's rights are never wider than its parent's. */
export interface Rights {
  /** Model ids or prefixes ending in `*`. */
  readonly models?: readonly string[];
  readonly memory: Access;
  /** Memory profiles the key is limited to. */
  readonly profiles?: readonly string[];
  readonly artifacts: Access;
  readonly sandbox: boolean;
}

/** On whose behalf a call runs. Made by the transport from a key, handed down unchanged. */
export interface Caller {
  readonly workspace: string;
  /** The key's id, or null for the local user of a stdio server or the command. */
  readonly key: string | null;
  readonly rights: Rights;
}

export const allRights: Rights = { memory: "write", artifacts: "write", sandbox: true };

/** The local user: whoever spawned the process owns the data directory. */
export const localCaller: Caller = { workspace: "default", key: null, rights: allRights };

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  /** One line for a person. */
  readonly message: string;
  /** The message goes on where the last one ended: messages that are held back are joined, not dropped. */
  readonly isDelta?: boolean;
}

/** What every verb of every room takes besides its arguments. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The caller's place in a trace (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}
