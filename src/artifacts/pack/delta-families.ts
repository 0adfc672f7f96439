import { artifactLimits } from "../../core/limits.ts";
import type { ObjectType, Oid } from "../objects/object.ts";
import type { Pacer } from "../pacer.ts";
import { badPack } from "./pack-input.ts";

/** A delta that waits for its base. */
export interface WaitingDelta {
  readonly offset: number;
}

/** What the resolving of deltas needs of whoever reads the pack. */
export interface DeltaWork<Delta extends WaitingDelta> {
  /** The content of an entry: a whole one's, or a delta's applied to its base. */
  inflateWhole(offset: number): Buffer;
  apply(base: Buffer, delta: Delta): Buffer;
  /** Takes note of a delta's object; answers its id. */
  identify(delta: Delta, type: ObjectType, bytes: Buffer): Oid;
}

interface Level<Delta> {
  readonly delta: Delta | null;
  readonly offset: number;
  readonly children: Delta[];
  bytes: Buffer | null;
}

/** Deltas by what they are made against: an entry's place, or an object's id. */
export class DeltaFamilies<Delta extends WaitingDelta> {
  readonly #onOffset = new Map<number, Delta[]>();
  readonly #onOid = new Map<Oid, Delta[]>();

  addOnOffset(base: number, delta: Delta): void {
    addTo(this.#onOffset, base, delta);
  }

  addOnOid(base: Oid, delta: Delta): void {
    addTo(this.#onOid, base, delta);
  }

  has(offset: number, oid: Oid): boolean {
    return this.#onOffset.has(offset) || this.#onOid.has(oid);
  }

  /**
   * Resolves every delta that comes from a whole entry, depth first, so that few contents are held at a time. When
   * they are too many, those of earlier generations are let go and made again for their next child.
   */
  async resolve(
    root: { offset: number; oid: Oid; type: ObjectType },
    work: DeltaWork<Delta>,
    pacer: Pacer,
  ): Promise<void> {
    let held = 0;
    const levels: Level<Delta>[] = [{ delta: null, offset: root.offset, bytes: null, children: this.#take(root) }];
    const content = (at: number): Buffer => {
      const level = levels[at];
      if (level === undefined) throw badPack("has a delta without a base");
      if (level.bytes === null) {
        level.bytes = level.delta === null ? work.inflateWhole(level.offset) : work.apply(content(at - 1), level.delta);
        held += level.bytes.length;
      }
      return level.bytes;
    };
    for (let top = levels.at(-1); top !== undefined; top = levels.at(-1)) {
      const pause = pacer.pause();
      if (pause) await pause;
      const child = top.children.pop();
      if (child === undefined) {
        held -= top.bytes?.length ?? 0;
        levels.pop();
        continue;
      }
      if (levels.length > artifactLimits.deltaChainMax) throw badPack("has too long a chain of deltas");
      const bytes = work.apply(content(levels.length - 1), child);
      const oid = work.identify(child, root.type, bytes);
      if (!this.has(child.offset, oid)) continue;
      held += bytes.length;
      levels.push({ delta: child, offset: child.offset, bytes, children: this.#take({ offset: child.offset, oid }) });
      for (let at = 0; held > artifactLimits.deltaCacheBytesMax && at < levels.length - 1; at++) {
        const level = levels[at];
        held -= level?.bytes?.length ?? 0;
        if (level) level.bytes = null;
      }
    }
  }

  #take({ offset, oid }: { offset: number; oid: Oid }): Delta[] {
    const children = [...(this.#onOffset.get(offset) ?? []), ...(this.#onOid.get(oid) ?? [])];
    this.#onOffset.delete(offset);
    this.#onOid.delete(oid);
    return children;
  }
}

function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
