import { SwitchyardError } from "../../core/errors.ts";
import { isRefName } from "../names.ts";
import { isOid } from "../objects/object.ts";
import type { Ref } from "../store/ref-store.ts";

export interface Bundle {
  readonly refs: readonly Ref[];
  readonly head: string | null;
  readonly pack: Buffer;
}

/** Reads a bundle that holds all it needs (gitformat-bundle, versions 2 and 3). @throws invalid_request, unsupported */
export function parseBundle(bytes: Buffer): Bundle {
  const signature = /^# v[23] git bundle$/;
  const end = bytes.indexOf("\n\n");
  const [first = "", ...lines] = end < 0 ? [] : bytes.toString("utf8", 0, end).split("\n");
  if (!signature.test(first))
    throw new SwitchyardError("invalid_request", "the blob is no git bundle", {
      next: "Make one with `git bundle create file --all`",
    });
  const refs: Ref[] = [];
  let headOid: string | null = null;
  for (const line of lines) {
    if (line.startsWith("-")) throw incomplete();
    if (line.startsWith("@")) {
      if (line !== "@object-format=sha1")
        throw new SwitchyardError("unsupported", `the bundle needs ${line.slice(1, 60)}`, {
          next: "Make it without filters, in SHA-1",
        });
      continue;
    }
    const [oid = "", name = ""] = line.split(" ");
    if (!isOid(oid))
      throw new SwitchyardError("invalid_request", "the bundle's list of references is damaged", {
        next: "Check it with `git bundle verify`",
      });
    if (name === "HEAD") headOid = oid;
    else if (isRefName(name) && name.startsWith("refs/")) refs.push({ name, oid });
  }
  const branches = refs.filter((ref) => ref.name.startsWith("refs/heads/") && ref.oid === headOid);
  const head = branches.find((ref) => ref.name === "refs/heads/main") ?? branches[0];
  return { refs, head: head?.name ?? null, pack: bytes.subarray(end + 2) };
}

function incomplete(): SwitchyardError {
  return new SwitchyardError("unsupported", "the bundle needs commits that it does not have", {
    next: "Make it with `git bundle create file --all`, without a range",
  });
}
