import fs from "node:fs";
import { join } from "node:path";
import iso from "isomorphic-git";
import http from "isomorphic-git/http/node";
import { expect, test } from "vitest";
import { expectSound, git, me, servedWorkbench, temporaryDirectory } from "./support/workbench.ts";

test("isomorphic-git clones, pushes, is refused behind, fetches and reads a shallow clone", async () => {
  const { artifacts, url } = await servedWorkbench({}, null);
  for (let i = 0; i < 6; i++)
    await artifacts.commit({ repo: "r", files: { f: `${i}`, [`d/${i}`]: "x" }, message: `${i}` }, me);
  const directory = artifacts.directoryOf("default", "r");
  await git(directory, "gc", "-q");
  const { token } = artifacts.tokens.create({ scope: "write", repo: "r" }, me);
  const author = { name: "Iso", email: "iso@example.com" };
  const onAuth = () => ({ username: "agent", password: token });
  const open = async (options: { depth?: number } = {}) => {
    const dir = join(temporaryDirectory(), "iso");
    await iso.clone({ fs, http, dir, url: url("r"), onAuth, ...options });
    return { fs, http, dir, onAuth };
  };
  const one = await open();
  expect((await iso.log({ ...one })).map((entry) => entry.commit.message.trim())).toEqual([
    "5",
    "4",
    "3",
    "2",
    "1",
    "0",
  ]);
  fs.writeFileSync(join(one.dir, "f"), "iso");
  await iso.add({ ...one, filepath: "f" });
  const oid = await iso.commit({ ...one, author, message: "by isomorphic-git" });
  expect((await iso.push({ ...one, remote: "origin", ref: "main" })).ok).toBe(true);
  expect(await git(directory, "rev-parse", "main")).toBe(oid);
  expect((await artifacts.checkout({ repo: "r", path: "f" }, me)).files.f?.text).toBe("iso");

  await artifacts.commit({ repo: "r", files: { f: "tool" }, message: "tool" }, me);
  fs.writeFileSync(join(one.dir, "g"), "late");
  await iso.add({ ...one, filepath: "g" });
  await iso.commit({ ...one, author, message: "late" });
  await expect(iso.push({ ...one, remote: "origin", ref: "main" })).rejects.toThrow(/not a simple fast-forward/);
  await iso.fetch({ ...one, remote: "origin", ref: "main" });
  await iso
    .merge({ ...one, ours: "main", theirs: "origin/main" })
    .catch(() => iso.merge({ ...one, author, ours: "main", theirs: "origin/main", abortOnConflict: false }));

  const shallow = await open({ depth: 2 });
  expect(await iso.log({ ...shallow })).toHaveLength(2);
  await iso.fetch({ ...shallow, remote: "origin", ref: "main", depth: 2, relative: true });
  expect(await iso.log({ ...shallow })).toHaveLength(4);
  await expectSound(directory);
});
