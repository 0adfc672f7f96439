import { artifactLimits } from "../../core/limits.ts";
import { isRefName } from "../names.ts";
import { MalformedData } from "../objects/malformed.ts";
import { isOid, type Oid, zeroOid } from "../objects/object.ts";
import type { ByteSource } from "../wire/byte-source.ts";
import { pktText } from "../wire/pkt-line.ts";

/** One reference that a push changes; null is its absence. Both are null when what is deleted is not there: no error. */
export interface PushCommand {
  readonly ref: string;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

export interface PushRequest {
  readonly commands: readonly PushCommand[];
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads the commands that a push begins with (gitprotocol-pack, "Reference Update Request"); the pack follows them in
 * the body. Null for the empty request that clients probe with.
 * @throws invalid_request
 */
export async function readPushRequest(body: ByteSource): Promise<PushRequest | null> {
  const commands: PushCommand[] = [];
  const named = new Set<string>();
  let shallowLines = 0;
  let capabilities: ReadonlySet<string> = new Set();
  for (;;) {
    const next = await body.pkt();
    if (next === null || next === "flush") return commands.length === 0 ? null : { commands, capabilities };
    if (typeof next === "string") throw new MalformedData("a special packet among the commands of a push");
    const [line = "", flags] = pktText(next).split("\0");
    // Where the client's own history ends: what it pushes must connect to ours all the same.
    if (line.startsWith("shallow ")) {
      shallowLines += 1;
      if (shallowLines > artifactLimits.fetchLinesMax) throw new MalformedData("the push has too many lines");
      continue;
    }
    if (flags !== undefined) capabilities = new Set(flags.trim().split(" "));
    const command = parseCommand(line);
    if (named.has(command.ref)) throw new MalformedData("the push names a reference twice");
    named.add(command.ref);
    commands.push(command);
    if (commands.length > artifactLimits.pushCommandsMax)
      throw new MalformedData("the push changes too many references");
  }
}

function parseCommand(line: string): PushCommand {
  const [from = "", to = "", ...rest] = line.split(" ");
  const ref = rest.join(" ");
  if (!isOid(from) || !isOid(to) || ref === "")
    throw new MalformedData(`the command ${JSON.stringify(line.slice(0, 100))} is none`);
  return { ref, from: from === zeroOid ? null : from, to: to === zeroOid ? null : to };
}

/** Why a push may not touch a reference of this name at all, or null. */
export function refProblem(ref: string): string | null {
  if (!ref.startsWith("refs/") || ref.split("/").length < 3 || !isRefName(ref)) return "funny refname";
  return ref.startsWith("refs/heads/-") || ref === "refs/heads/HEAD" ? "funny refname" : null;
}
