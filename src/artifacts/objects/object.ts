import { hash } from "node:crypto";

/** An object's SHA-1 as 40 lower-case hexadecimal digits. */
export type Oid = string;

export type ObjectType = "commit" | "tree" | "blob" | "tag";

export interface GitObject {
  readonly type: ObjectType;
  /** The content without git's header. */
  readonly bytes: Buffer;
}

export interface IdentifiedObject extends GitObject {
  readonly oid: Oid;
}

export const zeroOid: Oid = "0".repeat(40);
/** The tree with nothing in it, which every git knows without having it. */
export const emptyTreeOid: Oid = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const oidPattern = /^[0-9a-f]{40}$/;

export function isOid(text: string): text is Oid {
  return oidPattern.test(text);
}

/** `type size\0`: what git puts in front of the content before it hashes or deflates it. */
export function objectHeader(type: ObjectType, size: number): Buffer {
  return Buffer.from(`${type} ${size}\0`, "latin1");
}

/** Gives content its id. */
export function identify(type: ObjectType, bytes: Buffer): IdentifiedObject {
  return { type, bytes, oid: hash("sha1", Buffer.concat([objectHeader(type, bytes.length), bytes])) };
}

export function isObjectType(text: string): text is ObjectType {
  return text === "commit" || text === "tree" || text === "blob" || text === "tag";
}
