import { describe, expect, test } from "vitest";
import { addressKind } from "../../../src/sandbox/egress/address.ts";
import { resolveAddress } from "../../../src/sandbox/egress/resolve.ts";

describe("an address", () => {
  test.each([
    ["public", "8.8.8.8"],
    ["public", "1.1.1.1"],
    ["public", "2606:4700:4700::1111"],
    ["public", "::ffff:8.8.8.8"],
    ["public", "64:ff9b::8.8.8.8"],
    ["private", "127.0.0.1"],
    ["private", "127.255.255.255"],
    ["private", "0.0.0.0"],
    ["private", "10.1.2.3"],
    ["private", "172.16.0.1"],
    ["private", "172.31.255.255"],
    ["public", "172.32.0.1"],
    ["private", "192.168.1.1"],
    ["private", "100.64.0.1"],
    ["private", "169.254.1.1"],
    ["private", "198.18.0.1"],
    ["private", "203.0.113.5"],
    ["private", "224.0.0.1"],
    ["private", "255.255.255.255"],
    ["private", "::"],
    ["private", "::1"],
    ["private", "fc00::1"],
    ["private", "fd12:3456::1"],
    ["private", "fe80::1"],
    ["private", "fe80::1%eth0"],
    ["private", "ff02::1"],
    ["private", "2001:db8::1"],
    ["private", "2002:7f00:1::"],
    ["private", "2001::1"],
    ["private", "::ffff:127.0.0.1"],
    ["private", "::ffff:7f00:1"],
    ["private", "0:0:0:0:0:ffff:10.0.0.1"],
    ["private", "64:ff9b::127.0.0.1"],
    ["private", "::127.0.0.1"],
    ["private", "64:ff9b:1::1"],
    ["metadata", "169.254.169.254"],
    ["metadata", "::ffff:169.254.169.254"],
    ["metadata", "::ffff:a9fe:a9fe"],
    ["metadata", "64:ff9b::a9fe:a9fe"],
    ["metadata", "fd00:ec2::254"],
    ["metadata", "100.100.100.200"],
    ["invalid", "localhost"],
    ["invalid", "0x7f.1"],
    ["invalid", ""],
  ])("is %s: %s", (kind, address) => {
    expect(addressKind(address)).toBe(kind);
  });
});

describe("a name", () => {
  const find = async (host: string) =>
    host === "mixed" ? ["8.8.8.8", "10.0.0.1"] : host === "none" ? [] : ["8.8.8.8"];
  test("with one private address among its addresses is refused", async () => {
    await expect(resolveAddress("mixed", false, find)).rejects.toMatchObject({ code: "forbidden" });
    expect(await resolveAddress("mixed", true, find)).toBe("8.8.8.8");
    expect(await resolveAddress("fine", false, find)).toBe("8.8.8.8");
  });
  test("without an address, or that cannot be looked up, is unavailable", async () => {
    await expect(resolveAddress("none", false, find)).rejects.toMatchObject({ code: "unavailable" });
    const broken = async () => Promise.reject(new Error("SERVFAIL /etc/resolv.conf"));
    await expect(resolveAddress("x", false, broken)).rejects.toThrow("the host x has no address");
  });
  test("of a cloud's metadata is refused even where private hosts may be reached", async () => {
    await expect(resolveAddress("169.254.169.254", true, find)).rejects.toMatchObject({ code: "forbidden" });
    await expect(resolveAddress("m", true, async () => ["fd00:ec2::254"])).rejects.toMatchObject({ code: "forbidden" });
  });
});
