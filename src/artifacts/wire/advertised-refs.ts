import type { Oid } from "../objects/object.ts";
import { parseTag } from "../objects/tag.ts";
import type { Repository } from "../store/repository.ts";

export interface AdvertisedRef {
  readonly name: string;
  readonly oid: Oid;
  /** What an annotated tag points to in the end. */
  readonly peeled: Oid | null;
}

export interface Advertisement {
  readonly refs: readonly AdvertisedRef[];
  readonly head: { readonly target: string | null; readonly oid: Oid | null };
}

/** How deep a tag of a tag is followed. */
const tagDepthMax = 16;

/** The references a client is shown. Those whose object is gone are left out, as git does. */
export async function readAdvertisement(repository: Repository): Promise<Advertisement> {
  repository.objects.packs.refresh();
  const refs: AdvertisedRef[] = [];
  for (const { name, oid } of await repository.refs.list("refs/")) {
    const packed = repository.refs.packedRef(name);
    const peeled = packed?.oid === oid && packed.peeled !== undefined ? packed.peeled : peel(repository, name, oid);
    if (peeled !== undefined) refs.push({ name, oid, peeled });
  }
  const target = await repository.refs.readSymbolic("HEAD");
  const head = await repository.refs.read("HEAD").catch(() => null);
  return { refs, head: { target, oid: head } };
}

/** Undefined when the object is missing. Only tags can be annotated: other references are not looked into. */
function peel(repository: Repository, name: string, oid: Oid): Oid | null | undefined {
  if (!name.startsWith("refs/tags/")) return repository.objects.hasNow(oid) ? null : undefined;
  let at = oid;
  for (let depth = 0; depth < tagDepthMax; depth++) {
    const object = repository.objects.read(at);
    if (object === null) return undefined;
    if (object.type !== "tag") return at === oid ? null : at;
    at = parseTag(object.bytes).object;
  }
  return null;
}
