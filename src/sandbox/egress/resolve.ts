import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { SwitchyardError } from "../../core/errors.ts";
import { addressKind } from "./address.ts";

/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * The one address that a request goes to. It is looked up once: what is checked is what is connected to.
 * @throws forbidden when any of the name's addresses is one that may not be reached.
 * @throws unavailable when the name has none.
 */
export async function resolveAddress(host: string, mayBePrivate: boolean, find: Lookup): Promise<string> {
  const addresses = isIP(host) ? [host] : await find(host).catch(() => []);
  const [first] = addresses;
  if (first === undefined) {
    throw new SwitchyardError("unavailable", `the host ${host} has no address`, {
      next: "Check its name",
      retryable: true,
    });
  }
  for (const address of addresses) {
    const kind = addressKind(address);
    if (kind === "public" || (kind === "private" && mayBePrivate)) continue;
    throw new SwitchyardError("forbidden", `the host ${host} has an address that programs may not reach`, {
      next: "Use a host on the public internet, or mark it as private in the settings",
      details: { host },
    });
  }
  return first;
}
