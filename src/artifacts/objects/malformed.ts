import { SwitchyardError } from "../../core/errors.ts";

/** Stored or received data that is not what git's format says. `what` says where and how. */
export class MalformedData extends SwitchyardError {
  constructor(what: string, cause?: unknown) {
    super("invalid_request", `malformed git data: ${what}`, {
      next: "Run `git fsck` on the repository it came from",
      cause,
    });
    this.name = "MalformedData";
  }
}
