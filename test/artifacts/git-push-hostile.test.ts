import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { toByteString } from "../../src/artifacts/objects/byte-string.ts";
import { formatCommit } from "../../src/artifacts/objects/commit.ts";
import { type IdentifiedObject, identify } from "../../src/artifacts/objects/object.ts";
import { formatTree, type TreeMode } from "../../src/artifacts/objects/tree.ts";
import { formatBaseDistance, formatEntryHeader, packTypes } from "../../src/artifacts/pack/entry.ts";
import { flushPkt, pkt } from "../../src/artifacts/wire/pkt-line.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { serveGitOverHttp } from "./support/git-server.ts";
import { entry, pack, packOf, rawPush } from "./support/raw-push.ts";
import { expectSound, git, me, servedWorkbench } from "./support/workbench.ts";

const who = { name: "A", email: "a@b", at: 1, zone: "+0000" };
const blob = identify("blob", Buffer.from("content\n"));

function commitOf(tree: IdentifiedObject, parents: string[] = []): IdentifiedObject {
  return identify("commit", formatCommit({ tree: tree.oid, parents, author: who, committer: who, message: "m" }));
}

function treeOf(name: string, mode: TreeMode = "100644", oid = blob.oid): IdentifiedObject {
  return identify("tree", formatTree([{ mode, name: toByteString(name), oid }]));
}

/** A tree written by hand, in whatever order and with whatever modes. */
function rawTree(...entries: readonly [mode: string, name: string, oid?: string][]): IdentifiedObject {
  const parts = entries.map(([mode, name, oid = blob.oid]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]),
  );
  return identify("tree", Buffer.concat(parts));
}

const tree = treeOf("file");
const commit = commitOf(tree);
const good = packOf(blob, tree, commit);

// One server for all: a refused push leaves everything as it was, which is what is tested.
const home = mkdtempSync(join(tmpdir(), "switchyard-hostile-"));
const artifacts = openArtifacts({ directory: home, clock: systemClock, rng: systemRng });
const directory = artifacts.directoryOf("default", "r");
let server: Awaited<ReturnType<typeof serveGitOverHttp>>;
let before = "";

beforeAll(async () => {
  server = await serveGitOverHttp(artifacts, me);
  await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
  before = await git(directory, "for-each-ref");
});

afterAll(async () => {
  const next = await rawPush(`${server.url}/default/r.git`, [{ ref: "refs/heads/good", to: commit.oid }], good);
  expect(next.text).toMatch(/unpack ok\n.*ok refs\/heads\/good/);
  await expectSound(directory);
  await server.close();
  await artifacts.close();
  rmSync(home, { recursive: true, force: true });
});

/** Pushes a pack that must be refused; nothing may be left of it. */
async function expectRefused(packBytes: Buffer, reason: RegExp, to = commit.oid, ref = "refs/heads/evil") {
  const refused = await rawPush(`${server.url}/default/r.git`, [{ ref, to }], packBytes);
  expect(refused.text).toMatch(reason);
  expect(refused.text).not.toMatch(/^....ok /m);
  expect((await artifacts.list({ repo: "r" }, me)).branches).toHaveLength(1);
  expect(await git(directory, "for-each-ref")).toBe(before);
  expect(readdirSync(join(directory, "switchyard"))).toEqual([]);
  expect(readdirSync(join(directory, "objects/pack"))).toEqual([]);
}

describe("a pushed pack is refused, with nothing left of it, when it", () => {
  const last = good.length - 20;
  const cut = (at: number) => Buffer.concat([good.subarray(0, at)]);
  test.each<[string, Buffer, RegExp]>([
    ["is empty but for its header", pack([]), /missing/],
    ["is no pack", Buffer.from("x".repeat(100)), /checksum|header/],
    ["is cut in its header", cut(8), /cut short|checksum/],
    ["is cut in an entry", cut(40), /checksum/],
    ["is cut in its checksum", cut(last + 7), /checksum/],
    ["has another checksum", Buffer.concat([cut(last), Buffer.alloc(20, 1)]), /checksum/],
    ["says it has more objects", pack([entry(blob), entry(tree), entry(commit)], 4), /inside an entry|malformed/],
    ["says it has fewer", pack([entry(blob), entry(tree), entry(commit)], 2), /more in it/],
    ["says it has too many", pack([entry(blob)], artifactLimits.pushObjectsMax + 1), /at most/],
    ["has an object twice", packOf(blob, blob, tree, commit), /twice/],
    ["has an entry that inflates to more", pack([entry(blob, 3), entry(tree), entry(commit)]), /inflated|size/],
    ["has an entry that inflates to less", pack([entry(blob, 30), entry(tree), entry(commit)]), /inflated|size/],
    [
      "has an entry of no type",
      pack([Buffer.concat([formatEntryHeader(5, 1), deflateSync(Buffer.from("x"))])]),
      /type 5/,
    ],
    [
      "has an entry that is not deflated",
      pack([Buffer.concat([formatEntryHeader(3, 5), Buffer.alloc(40, 7)])]),
      /inflated/,
    ],
    ["has an object over the limit", pack([entry(blob, artifactLimits.objectBytesMax + 1)]), /over the limit/],
    [
      "has a huge tree",
      pack([entry({ type: "tree", bytes: Buffer.alloc(artifactLimits.streamedObjectBytesMin + 1) })]),
      /over the limit/,
    ],
  ])("%s", (_name, bytes, reason) => expectRefused(bytes, reason));

  test("has deltas without their base, in a circle, or out of the pack", async () => {
    const delta = deflateSync(Buffer.from([8, 1, 1, 65]));
    const onOid = Buffer.concat([formatEntryHeader(packTypes.refDelta, 4), Buffer.from(blob.oid, "hex"), delta]);
    await expectRefused(pack([onOid]), /base is not in it/);
    const onOffset = (distance: number) =>
      Buffer.concat([formatEntryHeader(packTypes.ofsDelta, 4), formatBaseDistance(distance), delta]);
    await expectRefused(pack([entry(blob), onOffset(5)]), /no entry before it/);
    await expectRefused(pack([entry(blob), onOffset(4000)]), /no entry before it/);
    const wrong = Buffer.concat([formatEntryHeader(packTypes.ofsDelta, 4), formatBaseDistance(entry(blob).length)]);
    await expectRefused(
      pack([entry(blob), Buffer.concat([wrong, deflateSync(Buffer.from([9, 1, 1, 65]))])]),
      /another size/,
    );
  });

  test("is a bomb: small on the wire and large in memory", async () => {
    const zeros = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    const bomb = Buffer.concat([formatEntryHeader(packTypes.blob, 100), zeros]);
    await expectRefused(pack([bomb]), /inflated/);
    const large = Buffer.concat([formatEntryHeader(packTypes.blob, artifactLimits.streamedObjectBytesMin + 1), zeros]);
    await expectRefused(pack([large]), /inflated/);
    // A delta that asks for a gigabyte of copies of one byte.
    const sizes = Buffer.from([8, 0x80, 0x80, 0x80, 0x80, 0x04]);
    const copies = Buffer.alloc(70_000, Buffer.from([0x90 | 0x20 | 0x40, 0, 0, 0]));
    const delta = Buffer.concat([sizes, copies]);
    const header = Buffer.concat([
      formatEntryHeader(packTypes.ofsDelta, delta.length),
      formatBaseDistance(entry(blob).length),
    ]);
    await expectRefused(pack([entry(blob), Buffer.concat([header, deflateSync(delta)])]), /over the limit/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test("brings an object that is there with other content", async () => {
    await artifacts.commit({ repo: "collided", files: { f: "1" }, message: "one" }, me);
    const other = identify("blob", Buffer.from("another"));
    const place = join(artifacts.directoryOf("default", "collided"), "objects", blob.oid.slice(0, 2));
    mkdirSync(place, { recursive: true });
    // Not a real collision, which would be dear: the file of one object under the name of another.
    writeFileSync(
      join(place, blob.oid.slice(2)),
      deflateSync(Buffer.from(`blob ${other.bytes.length}\0${other.bytes}`)),
    );
    const pushed = await rawPush(
      `${server.url}/default/collided.git`,
      [{ ref: "refs/heads/evil", to: commit.oid }],
      good,
    );
    expect(pushed.text).toMatch(/made to collide/);
    await artifacts.commit({ repo: "collided", delete: "repo" }, me);
  });

  test("does not bring what its commits need", async () => {
    await expectRefused(packOf(commit), /missing/);
    await expectRefused(packOf(tree, commit), /blob .* is missing/);
    await expectRefused(packOf(blob, commit), /missing/);
    const orphan = commitOf(tree, ["1".repeat(40)]);
    await expectRefused(packOf(blob, tree, orphan), /parent .* missing/, orphan.oid);
    const deep = rawTree(["40000", "d", "2".repeat(40)]);
    await expectRefused(packOf(deep, commitOf(deep)), /tree .* is missing/, commitOf(deep).oid);
    const tag = identify(
      "tag",
      Buffer.from(`object ${"3".repeat(40)}\ntype commit\ntag v\ntagger A <a@b> 1 +0000\n\nm\n`),
    );
    await expectRefused(packOf(tag), /missing/, tag.oid, "refs/tags/v");
    await expectRefused(good, /missing/, "4".repeat(40));
    const kinds = rawTree(["40000", "d", blob.oid]);
    await expectRefused(packOf(blob, kinds, commitOf(kinds)), /not a tree/, commitOf(kinds).oid);
    await expectRefused(packOf(blob), /not a commit/, blob.oid);
  });

  const names = [
    ".",
    "..",
    ".git",
    ".GIT",
    ".Git ",
    ".git.",
    ".git. .",
    "git~1",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".g\u200cit",
    "\ufeff.git",
    "x\\.git\\hooks",
    "a/b",
  ];
  test.each(names.map((name) => [JSON.stringify(name), name]))("has a tree with the name %s", async (_shown, name) => {
    const evil = rawTree(["100644", name]);
    await expectRefused(packOf(blob, evil, commitOf(evil)), /malformed|a tree has/, commitOf(evil).oid);
    const deep = rawTree(["40000", "d", evil.oid]);
    await expectRefused(packOf(blob, evil, deep, commitOf(deep)), /a tree has/, commitOf(deep).oid);
  });

  test.each<[string, IdentifiedObject]>([
    ["an empty name", rawTree(["100644", ""])],
    ["a name twice", rawTree(["100644", "a"], ["100755", "a"])],
    ["a file and a directory of one name", rawTree(["100644", "a"], ["100644", "a-b"], ["40000", "a", tree.oid])],
    ["entries out of order", rawTree(["100644", "b"], ["100644", "a"])],
    ["a mode that git does not write", rawTree(["100664", "a"])],
    ["a mode with a leading zero", rawTree(["0100644", "a"])],
    ["a mode that is none", rawTree(["644", "a"])],
    ["an id of zeros", rawTree(["100644", "a", "0".repeat(40)])],
    ["a link named .gitmodules", rawTree(["120000", ".gitmodules"])],
    ["an entry cut short", identify("tree", Buffer.from("100644 a\x0a3"))],
  ])("has a tree with %s", (_name, evil) =>
    expectRefused(packOf(blob, tree, evil, commitOf(evil)), /a tree has/, commitOf(evil).oid),
  );

  const lines = {
    tree: `tree ${tree.oid}\n`,
    author: "author A <a@b> 1 +0000\n",
    committer: "committer A <a@b> 1 +0000\n",
  };
  test.each<[string, string]>([
    ["no tree", `${lines.author}${lines.committer}\nm\n`],
    ["no author", `${lines.tree}${lines.committer}\nm\n`],
    ["no committer", `${lines.tree}${lines.author}\nm\n`],
    ["two authors", `${lines.tree}${lines.author}${lines.author}${lines.committer}\nm\n`],
    ["a parent that is no id", `${lines.tree}parent x\n${lines.author}${lines.committer}\nm\n`],
    ["a person without an address", `${lines.tree}author A 1 +0000\n${lines.committer}\nm\n`],
    ["a date that is none", `${lines.tree}author A <a@b> x +0000\n${lines.committer}\nm\n`],
    ["a date with a leading zero", `${lines.tree}author A <a@b> 01 +0000\n${lines.committer}\nm\n`],
    ["a zone that is none", `${lines.tree}author A <a@b> 1 GMT\n${lines.committer}\nm\n`],
    ["a NUL", `${lines.tree}${lines.author}${lines.committer}\nm\0\n`],
  ])("has a commit with %s", (_name, text) => {
    const evil = identify("commit", Buffer.from(text));
    return expectRefused(packOf(blob, tree, evil), /a commit (has|names)/, evil.oid);
  });

  test.each([
    ['[submodule "../x"]\n\tpath = x\n\turl = y\n'],
    ['[submodule "x"]\n\tpath = x\n\turl = -u./payload\n'],
    ['[submodule "x"]\n\tpath = -x\n\turl = y\n'],
    ['[submodule "x"]\n\tupdate = !sh\n'],
    ['[submodule "x"]\n\turl = https://a%0ahost/\n'],
  ])("has a .gitmodules of %j", async (text) => {
    const modules = identify("blob", Buffer.from(text));
    const evil = treeOf(".gitmodules", "100644", modules.oid);
    await expectRefused(packOf(modules, evil, commitOf(evil)), /\.gitmodules/, commitOf(evil).oid);
  });
});

describe("a push", () => {
  test.each([
    "HEAD",
    "refs/heads",
    "main",
    "refs/heads/../../config",
    "refs/heads/a..b",
    "refs/heads/.hidden",
    "refs/heads/x.lock",
    "refs/heads/x.lock/y",
    "refs/heads/a b",
    "refs/heads/a~1",
    "refs/heads/a\\b",
    "refs/heads/-x",
    "refs/heads/HEAD",
    "refs/heads/a//b",
    "refs/heads/a/",
    "refs/heads/@{1}",
    "../refs/heads/x",
    "refs/heads/a\x7f",
    `refs/heads/${"x".repeat(artifactLimits.refNameBytesMax)}`,
  ])("to the reference %j is refused by name", async (ref) => {
    await expectRefused(good, /ng .*funny refname/, commit.oid, ref);
    expect(await git(directory, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
  });

  test("is read with gzip, and refused with any other encoding, type or method", async () => {
    const { url } = await servedWorkbench();
    const commands = [{ ref: "refs/heads/main", to: commit.oid }];
    expect((await rawPush(url("r"), commands, good, { gzip: true })).text).toMatch(/ok refs\/heads\/main/);
    expect((await rawPush(url("r"), commands, good, { headers: { "content-encoding": "br" } })).status).toBe(400);
    expect((await rawPush(url("r"), commands, good, { headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await fetch(`${url("r")}/git-receive-pack`)).status).toBe(405);
    const probe = {
      method: "POST",
      headers: { "content-type": "application/x-git-receive-pack-request" },
      body: "0000",
    };
    expect(await (await fetch(`${url("r")}/git-receive-pack`, probe)).text()).toBe("");
  });

  test.each(["0003", "zzzz", "00ff", "0032nonsense that is long enough to be a line, ok?", "0000garbage"])(
    "whose commands are %j is refused",
    async (text) => {
      const { artifacts, url } = await servedWorkbench();
      await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
      const headers = { "content-type": "application/x-git-receive-pack-request" };
      const response = await fetch(`${url("r")}/git-receive-pack`, { method: "POST", headers, body: text });
      expect((await response.text()).includes("ok refs/")).toBe(false);
      const fetched = await fetch(`${url("r")}/git-upload-pack`, {
        method: "POST",
        headers: { "content-type": "application/x-git-upload-pack-request" },
        body: text,
      });
      expect(await fetched.text()).toMatch(/^$|ERR/);
    },
  );

  test.each([
    [
      "references",
      artifactLimits.pushCommandsMax,
      (i: number) => `${"0".repeat(40)} ${commit.oid} refs/heads/b${i}${i === 0 ? "\0report-status" : ""}`,
      "",
    ],
    ["lines", artifactLimits.fetchLinesMax, () => `shallow ${commit.oid}`, "0000"],
  ])("with one more than its bound of %s is refused", async (_name, max, lineOf, end) => {
    const lines = Array.from({ length: max + 1 }, (_, i) => pkt(lineOf(i)));
    const headers = { "content-type": "application/x-git-receive-pack-request" };
    const push = async (body: readonly Buffer[]) => {
      const answer = await fetch(`${server.url}/default/r.git/git-receive-pack`, {
        method: "POST",
        headers,
        body: Buffer.concat([...body, Buffer.from(end)]),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const refused = await push(lines);
    expect(refused).toMatchObject({ status: 400, text: expect.stringMatching(/too many/) });
    if (end !== "") expect((await push(lines.slice(1))).status).toBe(200);
    expect(await git(directory, "for-each-ref")).toBe(before);
  });

  test("that names one reference twice, or has its old value wrong, changes nothing", async () => {
    const { artifacts, url } = await servedWorkbench();
    const { commit: head } = await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const ref = "refs/heads/main";
    const twice = await rawPush(
      url("r"),
      [
        { ref, from: head, to: commit.oid },
        { ref, from: head, to: null },
      ],
      good,
    );
    expect(twice.status).toBe(400);
    const wrong = await rawPush(url("r"), [{ ref, from: "5".repeat(40), to: commit.oid }], good);
    expect(wrong.text).toMatch(/fetch first/);
    expect((await artifacts.checkout({ repo: "r" }, me)).commit).toBe(head);
  });
});

describe("a fetch", () => {
  const request = (lines: readonly string[], command = "fetch") =>
    Buffer.concat([pkt(`command=${command}\n`), Buffer.from("0001"), ...lines.map((line) => pkt(line)), flushPkt]);

  async function ask(
    body: NonNullable<RequestInit["body"]>,
    more: RequestInit & { duplex?: "half" } = {},
  ): Promise<string> {
    const answer = await fetch(`${server.url}/default/r.git/git-upload-pack`, {
      method: "POST",
      headers: { "content-type": "application/x-git-upload-pack-request", "git-protocol": "version=2" },
      body,
      ...more,
    });
    return answer.text();
  }

  test.each([
    "combine:%",
    "combine:blob:none+%zz",
    `combine:${"combine:".repeat(4_000)}blob:none`,
    "tree:-1",
    "sparse:oid=main:x",
    `blob:limit=${"9".repeat(30)}`,
  ])("with the filter %j is refused", async (filter) => {
    const said = await ask(request([`want ${"1".repeat(40)}`, `filter ${filter}`, "done"]));
    expect(said).toMatch(/ERR unsupported: the filter/);
  });

  test("with one more than its bound of lines is refused, and one of what nobody has is answered", async () => {
    const head = await git(directory, "rev-parse", "main");
    const haves = Array.from({ length: artifactLimits.fetchLinesMax }, (_, i) => {
      return `have ${i.toString(16).padStart(40, "0")}`;
    });
    expect(await ask(request([`want ${head}`, ...haves]))).toMatch(/ERR .*too many lines/);
    const said = await ask(request([`want ${head}`, ...haves.slice(1)]));
    expect(said).toMatch(/^0014acknowledgments\n0008NAK\n/);
  });

  test("for references by more prefixes than are worth comparing is shown all of them", async () => {
    const prefixes = Array.from({ length: artifactLimits.refPrefixesMax }, (_, i) => `ref-prefix refs/none/${i}`);
    expect(await ask(request(prefixes, "ls-refs"))).toBe("0000");
    expect(await ask(request([...prefixes, "ref-prefix refs/none/x"], "ls-refs"))).toContain("refs/heads/main");
  });

  test("that comes byte by byte is read as one that comes at once", async () => {
    const bytes = request([], "ls-refs");
    const stream = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Buffer.of(byte));
        controller.close();
      },
    });
    expect(await ask(stream, { duplex: "half" })).toContain("refs/heads/main");
  });
});
