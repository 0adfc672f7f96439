import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flushPkt, pkt } from "../../src/artifacts/wire/pkt-line.ts";
import { expectSound, git, gitFails } from "../artifacts/support/workbench.ts";
import { type ServedCommand, serveCommand } from "../support/served-command.ts";

let served: ServedCommand;
let head: string;
let repository: string;
const open: Socket[] = [];

beforeAll(async () => {
  served = await serveCommand();
  const files = { "a.md": "one\n", "large.bin": { base64: Buffer.alloc(3_000_000, 7).toString("base64") } };
  const made = await served.call("artifact_commit", { repo: "r", files, message: "one" });
  head = made.structured.commit;
  await served.call("artifact_commit", { repo: "other", files: { f: "1" }, message: "one" });
  repository = join(served.home, "artifacts/default/r.git");
});

// After all of it the server is as it was: it serves, remembers nothing of anybody, and has met no fault of its own.
afterAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-after-"));
  await git("/", "clone", "-q", signedIn(served.key), join(directory, "clone"));
  await expectSound(join(directory, "clone"));
  await expectSound(repository);
  for (const socket of open) socket.destroy();
  expect(readdirSync(join(repository, "switchyard"))).toEqual([]);
  expect(await git(repository, "for-each-ref", "--format=%(objectname)")).toBe(head);
  expect(served.said()).not.toMatch(/\n\s+at |internal/);
  rmSync(directory, { recursive: true, force: true });
  await served[Symbol.asyncDispose]();
});

function signedIn(secret: string, repo = "r"): string {
  return `${served.url.replace("://", `://git:${secret}@`)}/git/default/${repo}.git`;
}

function dial(): Socket {
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  open.push(socket);
  return socket;
}

/** Sends a request as it stands and answers the status, 0 when the server just hung up, and the rest. */
async function raw(
  head: string,
  body: Buffer = Buffer.alloc(0),
  hangsUp = false,
): Promise<{ status: number; text: string }> {
  const socket = dial();
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  const closed = once(socket, "close");
  socket.write(head);
  if (hangsUp) socket.end(body);
  else socket.write(body);
  await closed;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text };
}

function requestHead(method: string, path: string, headers: Record<string, string | number> = {}): string {
  const all = {
    Host: new URL(served.url).host,
    Authorization: `Bearer ${served.key}`,
    Connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

const post = (service: string, body: Buffer, headers: Record<string, string | number> = {}, hangsUp = false) =>
  raw(
    requestHead("POST", `/git/default/r.git/${service}`, {
      "Content-Type": `application/x-${service}-request`,
      "Content-Length": body.length,
      ...headers,
    }),
    body,
    hangsUp,
  );

const services = ["git-upload-pack", "git-receive-pack"] as const;
const versions = [{}, { "Git-Protocol": "version=2" }, { "Git-Protocol": "version=1" }];

describe("a body that is no request of git's", () => {
  const bodies = [
    "",
    "0",
    "0003",
    "0004",
    "0001",
    "0002",
    "fff0",
    "ffff",
    "-001",
    "zzzz",
    "0005\0",
    "0000PACK",
    "0000".repeat(10_000),
    "0001".repeat(10_000),
    `0032want ${"z".repeat(40)}\n0000`,
    `0032want ${"1".repeat(40)}\n00000009done\n`,
    `0032have ${"1".repeat(40)}\n0000`,
    "0014command=ls-refs\n0001fff0ref-prefix ",
    "0012command=fetch\n0001000ddeepen -1\n0000",
    "0011command=none\n0000",
    `0068${"0".repeat(40)} ${"1".repeat(40)} refs/heads/x\0report-status`,
  ];
  test.each(services)("is refused by %s, whatever it is", async (service) => {
    for (const body of bodies) {
      for (const version of versions) {
        const { status, text } = await post(service, Buffer.from(body), version);
        expect([body.slice(0, 60), [200, 400, 404].includes(status)]).toEqual([body.slice(0, 60), true]);
        expect(text).not.toMatch(/unpack ok|internal| {4}at /);
      }
    }
  });

  test("may say of itself that it is longer than anything", async () => {
    for (const service of services) {
      const lying = await post(service, Buffer.from("0000"), { "Content-Length": "999999999999" }, true);
      expect([0, 200, 400]).toContain(lying.status);
      const chunked = { "Transfer-Encoding": "chunked", "Content-Length": 4 };
      expect([0, 400]).toContain((await post(service, Buffer.from("ffffffffffffffff\r\n0000"), chunked)).status);
    }
  });
});

/** A request body that begins with something and goes on with a line over and over: gzip members, one after another. */
function inflating(begin: Buffer, line: Buffer, mebibytes: number): Buffer {
  const lines = gzipSync(Buffer.alloc(Math.floor(2 ** 20 / line.length) * line.length, line));
  return Buffer.concat([gzipSync(begin), ...Array.from({ length: mebibytes }, () => lines)]);
}

test("a body that is small on the wire and large when it is inflated is refused, and held nowhere", async () => {
  const rss = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${served.pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  const before = process.platform === "linux" ? rss() : 0;
  const mebibytes = 768;
  const lines = inflating(Buffer.alloc(0), pkt(`shallow ${head}`), mebibytes);
  const wants = Buffer.concat([pkt(`want ${head} multi_ack_detailed side-band-64k\n`), flushPkt]);
  const haves = inflating(wants, pkt(`have ${"1".repeat(40)}\n`), mebibytes);
  const command = pkt(`${"0".repeat(40)} ${"1".repeat(40)} refs/heads/x\0report-status`);
  const zeros = inflating(Buffer.concat([command, flushPkt]), Buffer.alloc(1), mebibytes);
  const gzip = { "Content-Encoding": "gzip" };
  expect((await post("git-receive-pack", lines, gzip)).text).toMatch(/too many lines/);
  expect((await post("git-upload-pack", haves, gzip)).text).toMatch(/ERR |too_large/);
  expect((await post("git-receive-pack", zeros, gzip)).text).toMatch(/unpack (?!ok)/);
  expect((await post("git-receive-pack", Buffer.from("no gzip at all"), gzip)).status).toBe(400);
  expect((await post("git-receive-pack", lines.subarray(0, 2_000), gzip)).text).not.toMatch(/unpack ok/);
  // What a collector leaves lying about is far less than one of the bodies.
  if (process.platform === "linux") expect(rss() - before).toBeLessThan((mebibytes / 2) * 2 ** 20);
});

describe("a client that does not do its part", () => {
  const command = pkt(`${"0".repeat(40)} ${"1".repeat(40)} refs/heads/slow\0report-status`);
  const push = () =>
    requestHead("POST", "/git/default/r.git/git-receive-pack", {
      "Content-Type": "application/x-git-receive-pack-request",
      "Content-Length": 1_000_000,
    });

  test("stops in the middle of a push: others are served meanwhile, and nothing is left when it is gone", async () => {
    const slow = Array.from({ length: 20 }, () => dial());
    for (const socket of slow)
      socket.write(Buffer.concat([Buffer.from(push()), command, flushPkt, Buffer.from("PACK")]));
    await expect.poll(() => readdirSync(join(repository, "switchyard")).length).toBe(20);
    expect(await git("/", "ls-remote", "-q", signedIn(served.key), "HEAD")).toContain(head);
    for (const [i, socket] of slow.entries()) i % 2 === 0 ? socket.end() : socket.destroy();
    await expect.poll(() => readdirSync(join(repository, "switchyard")).length, { timeout: 10_000 }).toBe(0);
  });

  test("asks for everything and reads none of it", async () => {
    const lines = [pkt(`want ${head} side-band-64k ofs-delta\n`), flushPkt, pkt("done\n")];
    const body = Buffer.concat(lines);
    const deaf = Array.from({ length: 10 }, () => dial().pause());
    const fetch = requestHead("POST", "/git/default/r.git/git-upload-pack", {
      "Content-Type": "application/x-git-upload-pack-request",
      "Content-Length": body.length,
    });
    for (const socket of deaf) socket.write(Buffer.concat([Buffer.from(fetch), body]));
    expect(await git("/", "ls-remote", "-q", signedIn(served.key), "HEAD")).toContain(head);
    for (const socket of deaf) socket.destroy();
  });

  test("sends the head of a request and no more", async () => {
    for (const start of ["", "G", "GET /git", push().slice(0, -2)]) dial().write(start);
    expect(await git("/", "ls-remote", "-q", signedIn(served.key), "HEAD")).toContain(head);
  });
});

test("only the right secret opens a repository, however it is presented", async () => {
  const { token } = (
    await served.call("artifact_fork", { repo: "other", as: "other-2", token: { scope: "write", ttl_s: 60 } })
  ).structured.token;
  for (const secret of [
    "nobody",
    `${served.key}x`,
    served.key.slice(0, -1),
    token.slice(0, -1),
    "art_",
    "x".repeat(200),
  ]) {
    expect(await gitFails("/", "ls-remote", signedIn(secret))).toMatch(/Authentication failed/);
  }
  expect(await gitFails("/", "ls-remote", signedIn(token))).toContain("403");
  const path = "/git/default/r.git/info/refs?service=git-upload-pack";
  const status = async (authorization: string) =>
    (await raw(requestHead("GET", path, { Authorization: authorization }))).status;
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  expect(await status(basic(`git:${served.key}`))).toBe(200);
  for (const wrong of [
    "",
    "Bearer",
    "Bearer  ",
    `bearer${served.key}`,
    `Digest ${served.key}`,
    "Basic ====",
    basic(":"),
    basic(`${served.key}:wrong`),
    basic(`git: ${served.key}`),
    basic("\0\xff"),
    "Bearer __proto__",
    `Bearer ${"x".repeat(8_000)}`,
  ]) {
    expect([wrong.slice(0, 40), await status(wrong)]).toEqual([wrong.slice(0, 40), 401]);
  }
});

test("no spelling of a path reaches another repository, a file, or anything outside", async () => {
  const { token } = (await served.call("artifact_fork", { repo: "r", as: "mine", token: { scope: "read", ttl_s: 60 } }))
    .structured.token;
  const query = "/info/refs?service=git-upload-pack";
  const good = await raw(requestHead("GET", `/git/default/mine.git${query}`, { Authorization: `Bearer ${token}` }));
  expect(good.status).toBe(200);
  const paths = [
    `/git/default/r.git${query}`,
    `/git/default/mine.git/../r.git${query}`,
    `/git/default/mine.git/%2e%2e/r.git${query}`,
    `/git/default/mine.git%2f..%2fr.git${query}`,
    `/git/default/..%2fdefault%2fr.git${query}`,
    `/git/default/./r${query}`,
    `/git/default/R.git${query}`,
    `/git/default/r.git.git${query}`,
    `/git/default/r%00.git${query}`,
    `/git/default/r.git%20${query}`,
    `/git/default/.git${query}`,
    `/git/default/..git${query}`,
    `/git/default//mine.git${query}`,
    `/git/other/../default/r.git${query}`,
    `/git/%64efault/r.git${query}`,
    `/git/..;/default/r.git${query}`,
    `/git\\default\\r.git${query}`,
    `//git/default/r.git${query}`,
    `/git/../git/default/r.git${query}`,
    `http://127.0.0.1/git/default/r.git${query}`,
    "/git/default/mine.git/HEAD",
    "/git/default/mine.git/config",
    "/git/default/mine.git/objects/info/packs",
    "/git/default/mine.git/switchyard/read-only",
    "/git/default/mine.git/info/refs",
    "/git/default/mine.git/info/refs?service=git-upload-archive",
    "/git/default/mine.git/../../../artifacts.db",
    "/git",
    "/git/",
    "/git/%",
    "/git/%zz/r.git/info/refs?service=git-upload-pack",
  ];
  for (const path of paths) {
    const { status, text } = await raw(requestHead("GET", path, { Authorization: `Bearer ${token}` }));
    expect([path, [400, 401, 403, 404].includes(status)]).toEqual([path, true]);
    expect(text).not.toContain(head);
  }
});
