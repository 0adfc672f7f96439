import { SwitchyardError } from "../core/errors.ts";
import { isOid, type Oid } from "./objects/object.ts";

/** Where a list goes on: the commit it was begun at, so that it stays one list while the branch moves, and a place. */
export interface Cursor {
  readonly commit: Oid;
  readonly after: string;
}

export function formatCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.commit} ${cursor.after}`, "latin1").toString("base64url");
}

/** @throws invalid_request when it is none of ours. */
export function parseCursor(text: string): Cursor {
  const plain = Buffer.from(text, "base64url").toString("latin1");
  const commit = plain.slice(0, 40);
  if (isOid(commit) && plain[40] === " ") return { commit, after: plain.slice(41) };
  throw new SwitchyardError("invalid_request", "the cursor is not one this list gave", {
    next: "Give next_cursor of the answer before, unchanged, or leave cursor out to begin again",
    details: { field: "cursor" },
  });
}
