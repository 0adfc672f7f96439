import { BlockList, isIP, isIPv6 } from "node:net";

/**
 * Addresses that are nobody's or somebody's own: not reachable from a program unless settings name the host as private.
 * A list for each family: a shared one takes every IPv4 address for a mapped IPv6 one.
 */
const notPublicIpv4 = new BlockList();
const notPublicIpv6 = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  notPublicIpv4.addSubnet(network, prefix, "ipv4");
}
// Only 2000::/3 is handed out; of it, what is documentation or carries an IPv4 address inside is left out as well.
for (const [network, prefix] of [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  notPublicIpv6.addSubnet(network, prefix, "ipv6");
}

/** Where clouds keep a machine's credentials. Refused whatever settings say. */
const metadata = new BlockList();
metadata.addAddress("169.254.169.254", "ipv4");
metadata.addAddress("169.254.170.2", "ipv4");
metadata.addAddress("169.254.170.23", "ipv4");
metadata.addAddress("100.100.100.200", "ipv4");
metadata.addAddress("192.0.0.192", "ipv4");
metadata.addAddress("fd00:ec2::254", "ipv6");
metadata.addAddress("fd00:ec2::23", "ipv6");
metadata.addAddress("fe80::a9fe:a9fe", "ipv6");

export type AddressKind = "public" | "private" | "metadata" | "invalid";

/** What an IP address is. IPv4 inside IPv6 is looked at as the IPv4 address it is. */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/%.*$/, "");
  const version = isIP(bare);
  if (version === 0) return "invalid";
  const embedded = version === 6 ? embeddedIpv4(bare) : undefined;
  if (embedded !== undefined) return addressKind(embedded);
  const family = version === 4 ? "ipv4" : "ipv6";
  if (metadata.check(bare, family)) return "metadata";
  const notPublic = version === 4 ? notPublicIpv4 : notPublicIpv6;
  return notPublic.check(bare, family) ? "private" : "public";
}

/** The IPv4 address in a mapped (`::ffff:0:0/96`), compatible (`::/96`) or NAT64 (`64:ff9b::/96`) address. */
function embeddedIpv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  // The URL parser writes every IPv6 address in one way, without dots.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const match = /^(?:::ffff:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!match) return undefined;
  const [high, low] = [Number.parseInt(match[1] ?? "", 16), Number.parseInt(match[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
