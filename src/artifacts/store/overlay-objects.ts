import type { IdentifiedObject, Oid } from "../objects/object.ts";
import type { ObjectStore } from "./object-store.ts";

/** A store with objects in front of it that are not written yet. */
export function overlayObjects(store: ObjectStore, objects: readonly IdentifiedObject[]): ObjectStore {
  const made = new Map<Oid, IdentifiedObject>(objects.map((object) => [object.oid, object]));
  return {
    has: async (oid) => made.has(oid) || store.has(oid),
    get: async (oid) => made.get(oid) ?? store.get(oid),
    async info(oid) {
      const object = made.get(oid);
      return object === undefined ? store.info(oid) : { type: object.type, size: object.bytes.length };
    },
    putMany: (more) => store.putMany(more),
    withPrefix: (prefix, limit) => store.withPrefix(prefix, limit),
  };
}
