import type { Bytes } from "./bytes.ts";
import type { Realm } from "./realm.ts";

/** `performance`: milliseconds of the run's own clock. */
export function installPerformance(realm: Realm, { put }: Bytes) {
  let origin: number | undefined;
  const now = Date.now;
  const performance = {
    get timeOrigin() {
      origin ??= now();
      return origin;
    },
    now: () => now() - performance.timeOrigin,
  };
  put(globalThis, "performance", realm.freeze(performance));
}
