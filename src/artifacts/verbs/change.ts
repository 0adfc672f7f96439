import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { ArtifactContext } from "../context.ts";
import type { Oid } from "../objects/object.ts";
import { type CommitResult, commit } from "./commit.ts";
import type { FileContent } from "./commit-content.ts";
import { deleteArtifact } from "./delete.ts";
import { revert } from "./revert.ts";
import { tag } from "./tag.ts";

/** What `artifact.commit` takes: files, or a commit to undo, either with a tag; or a tag alone; or a deletion. */
export interface ChangeArgs {
  readonly repo: string;
  readonly branch?: string | undefined;
  readonly files?: Readonly<Record<string, FileContent>> | undefined;
  readonly message?: string | undefined;
  readonly author?: string | undefined;
  readonly expected_head?: string | null | undefined;
  readonly from?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Instead of files: the commit whose change is undone. */
  readonly revert?: string | undefined;
  /** Names the new commit; without files and revert, what `from` or the branch is at. */
  readonly tag?: string | undefined;
  /** Deletes the branch, the tag or the repository instead. */
  readonly delete?: "branch" | "tag" | "repo" | undefined;
}

export interface ChangeResult extends Partial<Omit<CommitResult, "repo">> {
  readonly repo: string;
  readonly tag?: string;
  readonly deleted?: "branch" | "tag" | "repo";
  /** For a deletion: what it was at. */
  readonly commit?: Oid;
}

/** Changes a repository in one of the ways of `artifact.commit`. @throws invalid_request when they are mixed */
export async function change(
  context: ArtifactContext,
  args: ChangeArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<ChangeResult> {
  const ways = [args.files, args.revert, args.delete].filter((way) => way !== undefined).length;
  if (ways > 1) throw mixed();
  const { repo, branch, message, expected_head } = args;
  if (args.delete !== undefined) {
    const name = args.delete === "tag" ? args.tag : branch;
    const { name: _, ...result } = await deleteArtifact(
      context,
      { repo, kind: args.delete, name, expected_head },
      caller,
      options,
    );
    return { ...result, ...(name === undefined || args.delete === "repo" ? {} : { [args.delete]: name }) };
  }
  if (ways === 0) {
    if (args.tag === undefined) throw nothingAsked();
    return tag(context, { repo, tag: args.tag, ref: args.from ?? branch, message }, caller, options);
  }
  const made = await (args.revert === undefined
    ? commit(context, { ...args, files: args.files ?? {}, message: message ?? "" }, caller, options)
    : revert(context, { repo, branch, commit: args.revert, message, expected_head }, caller, options));
  if (args.tag === undefined) return made;
  await tag(context, { repo, tag: args.tag, ref: made.commit }, caller, options);
  return { ...made, tag: args.tag };
}

function mixed(): SwitchyardError {
  return new SwitchyardError("invalid_request", "files, revert and delete do not go together", {
    next: "Make one call for each",
  });
}

function nothingAsked(): SwitchyardError {
  return new SwitchyardError("invalid_request", "there is nothing to do", {
    next: "Give files to commit, a commit to revert, a tag to set, or what to delete",
  });
}
