import type { Caller, CallOptions } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { ArtifactContext } from "../context.ts";
import { shortName, tagRef } from "../names.ts";
import { type IdentifiedObject, identify, type Oid } from "../objects/object.ts";
import { formatTag } from "../objects/tag.ts";
import { readCommit } from "../read-object.ts";
import { refuseReadOnly } from "../read-only.ts";
import { resolveRevision } from "../revision.ts";
import { requireWrite } from "../rights.ts";
import { storeObjects } from "../storage.ts";
import { diskError } from "../store/durable-file.ts";
import { RefMoved } from "../store/ref-store.ts";
import { nameClash } from "./branch-update.ts";
import { defaultRevision } from "./checkout.ts";
import { checkMessage, committerOf } from "./commit-message.ts";

export interface TagArgs {
  readonly repo: string;
  readonly tag: string;
  /** What is tagged; HEAD's branch when absent. */
  readonly ref?: string | undefined;
  /** Makes the tag an annotated one. */
  readonly message?: string | undefined;
}

export interface TagResult {
  readonly repo: string;
  readonly tag: string;
  readonly commit: Oid;
  readonly tree: Oid;
}

/** Names a commit for good. @throws conflict when there is a tag of that name on another commit */
export async function tag(
  context: ArtifactContext,
  args: TagArgs,
  caller: Caller,
  options: CallOptions = {},
): Promise<TagResult> {
  requireWrite(caller);
  const name = tagRef(args.tag);
  const message = args.message === undefined ? null : checkMessage(args.message);
  return context.repositories.use(caller.workspace, args.repo, async (repository) => {
    refuseReadOnly(repository, args.repo);
    const commit = await resolveRevision(repository, args.ref ?? (await defaultRevision(repository)));
    const { tree } = await readCommit(repository.objects, commit);
    const result = { repo: args.repo, tag: shortName(name), commit, tree };
    let target: Oid = commit;
    const objects: IdentifiedObject[] = [];
    if (message !== null) {
      const tagger = committerOf(caller, context.clock.now());
      const fields = { object: commit, type: "commit" as const, name: shortName(name), tagger, message };
      const object = identify("tag", formatTag(fields));
      objects.push(object);
      target = object.oid;
    }
    try {
      if (objects.length > 0) await storeObjects(context, repository, args.repo, caller, objects);
      await repository.refs.update([{ name, from: null, to: target }], options.signal);
    } catch (error) {
      if (!(error instanceof RefMoved)) throw diskError(error);
      if (error.clashesWith !== undefined) throw nameClash(error.clashesWith, name);
      if ((await resolveRevision(repository, name)) === commit) return result;
      throw taken(shortName(name), await resolveRevision(repository, name));
    }
    const { workspace, key: by } = caller;
    context.events.emit({ kind: "tag", workspace, repo: args.repo, ref: name, from: null, to: target, by });
    return result;
  });
}

function taken(name: string, commit: Oid): SwitchyardError {
  return new SwitchyardError("conflict", `there is a tag ${name} already, on commit ${commit}`, {
    next: "Choose another name, or delete the tag first",
    details: { tag: name, commit },
  });
}
