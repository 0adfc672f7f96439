import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyDelta } from "../../src/artifacts/pack/delta.ts";
import { encodeDelta } from "../../src/artifacts/pack/delta-encoder.ts";
import { endOfEwah, formatEwah, hasBit, newBits, readEwah, setBit } from "../../src/artifacts/pack/ewah.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { cloneOf, expectSound, git, me, servedWorkbench, workbench } from "./support/workbench.ts";

const body = (i: number) =>
  Array.from({ length: 200 }, (_, line) => `line ${line} ${line === i % 200 ? "changed" : ""}`).join("\n");

describe("packing", () => {
  test("puts loose objects and small packs into one, with deltas, and loses nothing", async () => {
    const { artifacts } = workbench();
    const directory = artifacts.directoryOf("default", "r");
    const wide = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`wide/file${i}`, `${i}`]));
    await artifacts.commit({ repo: "r", files: wide, message: "wide" }, me);
    for (let i = 0; i < 60; i++) {
      const files = { "big.txt": body(i), [`wide/file${i}`]: `changed ${i}` };
      await artifacts.commit({ repo: "r", files, message: `${i}`, metadata: { i } }, me);
      if (i === 30) await git(directory, "repack", "-q");
    }
    const before = await git(directory, "rev-list", "--objects", "--all");
    const size = async () => Number((await git(directory, "count-objects", "-v")).match(/size-pack: (\d+)/)?.[1]);
    const done = await artifacts.maintain("r", me);
    expect(done?.loose).toBeGreaterThan(200);
    expect(await git(directory, "count-objects", "-v")).toMatch(/count: 0\n[\s\S]*packs: 1\n[\s\S]*garbage: 0/);
    expect(await git(directory, "rev-list", "--objects", "--all")).toBe(before);
    const [name = ""] = readdirSync(join(directory, "objects/pack")).filter((one) => one.endsWith(".pack"));
    const pack = join("objects/pack", name);
    expect(await git(directory, "verify-pack", "-v", pack)).toMatch(/chain length = [12]\d/);
    const ours = await size();
    await git(directory, "repack", "-adfq");
    expect(ours).toBeLessThan((await size()) * 2 + 20);
    expect(await artifacts.maintain("r", me)).toBeNull();
    expect((await artifacts.checkout({ repo: "r", ref: "main~30", path: "big.txt" }, me)).files["big.txt"]?.text).toBe(
      body(29),
    );
  });

  test("removes what killed processes left long ago, and nothing that is in use", async () => {
    const { artifacts, directory: home } = workbench();
    await artifacts.commit({ repo: "r", files: { f: "1" }, message: "one" }, me);
    const directory = artifacts.directoryOf("default", "r");
    const places = [
      join(home, "default/.new-x"),
      join(home, "default/.deleted-x"),
      join(directory, "objects/pack/tmp_pack_x"),
      join(directory, "switchyard/lock-x"),
    ];
    const old = new Date(Date.now() - 25 * 3_600_000);
    for (const place of places) {
      writeFileSync(place, "");
      writeFileSync(`${place}-fresh`, "");
      utimesSync(place, old, old);
    }
    await artifacts.maintain("r", me);
    await artifacts.commit({ repo: "s", files: { f: "1" }, message: "one" }, me);
    expect(places.filter((place) => existsSync(place))).toEqual([]);
    expect(places.filter((place) => existsSync(`${place}-fresh`))).toEqual(places);
    for (const place of places) rmSync(`${place}-fresh`);
    expect((await artifacts.list({}, me)).repos?.map((one) => one.repo)).toEqual(["r", "s"]);
  });

  test("writes bit maps that git proves right and clones are served from", async () => {
    const { artifacts, url } = await servedWorkbench();
    const directory = artifacts.directoryOf("default", "r");
    for (let i = 0; i < 20; i++)
      await artifacts.commit({ repo: "r", files: { [`d${i % 3}/${i}`]: body(i) }, message: `${i}` }, me);
    await artifacts.maintain("r", me);
    expect(readdirSync(join(directory, "objects/pack")).some((name) => name.endsWith(".bitmap"))).toBe(true);
    await git(directory, "rev-list", "--test-bitmap", "HEAD");
    await git(directory, "rev-list", "--count", "--objects", "--use-bitmap-index", "HEAD");
    await artifacts.commit({ repo: "r", branch: "side", from: "main~4", files: { side: "1" }, message: "side" }, me);
    await artifacts.commit({ repo: "r", files: { more: "1" }, message: "more" }, me);
    for (const filter of [[], ["--filter=blob:none"], ["--filter=tree:0"]]) {
      const clone = await cloneOf(url("r"), "--mirror", ...filter);
      expect(await git(clone, "for-each-ref")).toBe(await git(directory, "for-each-ref"));
      if (filter.length === 0) await expectSound(clone);
      const objects = await git(clone, "rev-list", "--objects", "--all", "--missing=print");
      expect(objects.includes("?")).toBe(filter.length > 0);
    }
  });

  test("goes by itself when there is much to pack, while others write and read", async () => {
    const { artifacts, directory: home, url } = await servedWorkbench();
    await artifacts.commit({ repo: "race", files: { f: "1" }, message: "one" }, me);
    const directory = artifacts.directoryOf("default", "race");
    const program = fileURLToPath(import.meta.resolve("./support/committer-process.ts"));
    const count = 40;
    const writers = await Promise.all(
      ["a", "b"].map(async (name) => {
        const child = spawn(process.execPath, [program, home, name, String(count)], {
          stdio: ["pipe", "pipe", "inherit"],
        });
        await once(child.stdout, "data");
        const done = once(child, "close");
        child.stdout.resume();
        return { child, done };
      }),
    );
    for (const { child } of writers) child.stdin.write("go\n");
    const written = Promise.all(writers.map(({ done }) => done));
    let isOver = false;
    void written.then(() => {
      isOver = true;
    });
    let rounds = 0;
    while (!isOver) {
      await artifacts.maintain("race", me);
      const clone = await cloneOf(url("race"), "--mirror");
      await expectSound(clone);
      await artifacts.log({ repo: "race", limit: 5 }, me);
      rounds += 1;
    }
    await written;
    expect(rounds).toBeGreaterThan(1);
    expect(await git(directory, "rev-list", "--count", "main")).toBe(String(1 + 2 * count));
    // With many loose objects there, some changes of this process make it look and pack by itself.
    const many = Array.from({ length: artifactLimits.looseObjectsMax + 1 }, (_, i) => join(home, `blob${i}`));
    for (const [i, path] of many.entries()) writeFileSync(path, `${i}`);
    execFileSync("git", ["hash-object", "-w", "--stdin-paths"], { cwd: directory, input: many.join("\n") });
    for (let i = 0; i <= artifactLimits.changesPerPackingLook; i++) {
      await artifacts.commit({ repo: "race", files: { f: `${i}` }, message: `${i}` }, me);
    }
    const looseNow = async () => Number((await git(directory, "count-objects")).split(" ")[0]);
    while ((await looseNow()) > artifactLimits.looseObjectsMax / 2) await setTimeout(10);
    await artifacts.close();
  });
});

describe("bit maps", () => {
  test("come back from their compressed form", () => {
    const runs = fc.array(fc.record({ bit: fc.boolean(), length: fc.integer({ min: 1, max: 300 }) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(runs, (list) => {
        const flat = list.flatMap(({ bit, length }) => Array.from({ length }, () => bit));
        const bits = newBits(flat.length);
        flat.forEach((bit, i) => {
          if (bit) setBit(bits, i);
        });
        const bytes = formatEwah(bits, flat.length);
        expect(endOfEwah(bytes, 0)).toBe(bytes.length);
        expect(readEwah(bytes, 0, flat.length)).toEqual(bits);
        flat.forEach((bit, i) => {
          if (hasBit(bits, i) !== bit) throw new Error(`bit ${i}`);
        });
      }),
    );
  });

  test("are refused when they are longer than the pack, or cut", () => {
    const bytes = formatEwah(Uint32Array.from([1, 2, 3, 4]), 128);
    expect(() => readEwah(bytes, 0, 64)).toThrow(/too long/);
    expect(() => endOfEwah(bytes.subarray(0, -5), 0)).toThrow(/cut short/);
  });
});

describe("a made delta", () => {
  test("turns the base into the target", () => {
    const piece = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(fc.nat(7), { maxLength: 12 }),
        piece,
        (pieces, order, extra) => {
          const base = Buffer.concat(pieces);
          const target = Buffer.concat([...order.map((i) => pieces[i] ?? extra), extra]);
          const delta = encodeDelta(base, target, Number.POSITIVE_INFINITY);
          expect(applyDelta(base, delta ?? Buffer.alloc(0))).toEqual(target);
        },
      ),
    );
  });

  test("is small for a small change and none for unlike content", () => {
    const [base, target] = [Buffer.from(body(3)), Buffer.from(body(150))];
    expect(encodeDelta(base, target, 1000)?.length).toBeLessThan(120);
    expect(encodeDelta(base, Buffer.from(crypto.getRandomValues(new Uint8Array(5000))), 2500)).toBeNull();
    const large = Buffer.alloc(300_000, "0123456789abcdef!");
    expect(applyDelta(large, encodeDelta(large, large, 1e9) ?? base)).toEqual(large);
  });

  test("is made in time for content that repeats itself", () => {
    const base = Buffer.alloc(200_000, "a");
    const target = Buffer.concat([Buffer.alloc(100_000, "a"), Buffer.from("b"), Buffer.alloc(100_000, "a")]);
    expect(applyDelta(base, encodeDelta(base, target, 1e9) ?? base)).toEqual(target);
  });
});
