import type { Caller } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { Person } from "../objects/person.ts";

/** A message as git keeps it: without blanks at its end, with a newline. @throws invalid_request */
export function checkMessage(message: string): string {
  const trimmed = message.replace(/\s+$/, "");
  const problem =
    trimmed.trim() === ""
      ? "is empty"
      : !trimmed.isWellFormed() || trimmed.includes("\0")
        ? "has characters that git does not keep"
        : Buffer.byteLength(trimmed) > artifactLimits.messageBytesMax
          ? `is longer than ${artifactLimits.messageBytesMax} bytes`
          : null;
  if (problem === null) return `${trimmed}\n`;
  throw new SwitchyardError("invalid_request", `the message ${problem}`, {
    next: "Say in a line what the commit changes and why",
    details: { field: "message" },
  });
}

/** Who a commit made by a tool is by, unless its author is given. */
export function committerOf(caller: Caller, nowMs: number): Person {
  const name = caller.key ?? "local";
  return {
    name: "Switchyard",
    email: `${name}@${caller.workspace}.invalid`,
    at: Math.floor(nowMs / 1000),
    zone: "+0000",
  };
}
