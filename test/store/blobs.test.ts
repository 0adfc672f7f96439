import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs } from "../../src/store/blobs.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "switchyard-blobs-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("the blob store", () => {
  it("names bytes by their content and gives them back", async () => {
    const blobs = openBlobs(directory);
    const bytes = Buffer.from([0, 1, 2, 255]);
    const handle = await blobs.put("default", bytes);
    expect(handle).toMatch(/^blob_[0-9a-f]{64}$/);
    expect(Buffer.from(await blobs.get("default", handle))).toEqual(bytes);
    expect(await blobs.put("default", bytes)).toBe(handle);
  });

  it("shows no workspace another's bytes", async () => {
    const blobs = openBlobs(directory);
    const handle = await blobs.put("one", Buffer.from("secret"));
    await expect(blobs.get("two", handle)).rejects.toMatchObject({ code: "not_found" });
  });

  it.each(["blob_", "blob_../../etc/passwd", "nonsense", `blob_${"0".repeat(64)}`])(
    "has nothing under %j",
    async (handle) => {
      await expect(openBlobs(directory).get("default", handle)).rejects.toMatchObject({ code: "not_found" });
    },
  );

  it("keeps a workspace's name from leaving the directory", async () => {
    await openBlobs(directory).put("../outside", Buffer.from("x"));
    expect(await readdir(directory)).toEqual([encodeURIComponent("../outside")]);
  });
});
