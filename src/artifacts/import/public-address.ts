import { BlockList, isIPv4, isIPv6 } from "node:net";

const notPublic = new BlockList();
/** IANA's special-purpose registries: nothing of these is a host on the public internet. */
for (const range of [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
]) {
  const [net = "", bits = "0"] = range.split("/");
  notPublic.addSubnet(net, Number(bits), "ipv4");
}
/** Only 2000::/3 is routed; inside it, what embeds or stands for other addresses. */
const routed = new BlockList();
routed.addSubnet("2000::", 3, "ipv6");
for (const range of ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]) {
  const [net = "", bits = "0"] = range.split("/");
  notPublic.addSubnet(net, Number(bits), "ipv6");
}

/** Whether an address, as a resolver gives it, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, "ipv4");
  return isIPv6(address) && routed.check(address, "ipv6") && !notPublic.check(address, "ipv6");
}
