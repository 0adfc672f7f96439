import { expect, test } from "vitest";
import { serveLimits } from "../../src/core/limits.ts";
import type { Gateway } from "../../src/gateway.ts";
import { imageContent } from "../../src/serve/image-content.ts";
import { testCaller } from "./support/fixture-tools.ts";

const gateway = {
  async readBlob(handle: string) {
    if (handle === "blob_gone") throw new Error("gone");
    return Buffer.from(handle);
  },
} as unknown as Gateway;

const picture = (blob: string, bytes: number, media_type = "image/png") => ({ blob, bytes, media_type });
const shown = async (result: object) => {
  const content = await imageContent(result, gateway, testCaller);
  return content.map((part) => (part.type === "image" ? Buffer.from(part.data, "base64").toString() : ""));
};

test("pictures at the bound are shown, what is one byte past it is left to its handle", async () => {
  const half = serveLimits.imageContentBytesMax / 2;
  expect(await shown({ output: { images: [picture("a", half), picture("b", half)] } })).toEqual(["a", "b"]);
  expect(await shown({ output: { images: [picture("a", half), picture("b", half + 1), picture("c", half)] } })).toEqual(
    ["a", "c"],
  );
});

test("only what hosts show is shown, and only what can be read", async () => {
  const images = [
    picture("a", 1, "image/svg+xml"),
    picture("b", 1, "video/mp4"),
    picture("blob_gone", 1),
    picture("c", 1),
  ];
  expect(await shown({ images })).toEqual(["c"]);
  for (const odd of [{}, { images: "x" }, { images: [null, 5, { blob: 1 }] }, { output: null }]) {
    expect(await shown(odd)).toEqual([]);
  }
});
