import { expect, test } from "vitest";
import { serveLimits } from "../../src/core/limits.ts";
import type { Gateway } from "../../src/gateway.ts";
import { mediaContent } from "../../src/serve/media-content.ts";
import { testCaller } from "./support/fixture-tools.ts";

const gateway = {
  async readBlob(handle: string) {
    if (handle === "blob_gone") throw new Error("gone");
    return Buffer.from(handle);
  },
} as unknown as Gateway;

const picture = (blob: string, bytes: number, media_type = "image/png") => ({ blob, bytes, media_type });
const shown = async (result: object) => {
  const content = await mediaContent(result, gateway, testCaller);
  return content.map((part) => ("data" in part ? Buffer.from(part.data, "base64").toString() : ""));
};

test("sound is given as such, beside pictures, where it says how it is played", async () => {
  const audio = [picture("a", 1, "audio/mpeg"), picture("b", 1, "audio/pcm"), picture("c", 1, "audio/wav")];
  const content = await mediaContent({ output: { images: [picture("p", 1)], audio } }, gateway, testCaller);
  expect(content).toEqual([
    { type: "image", data: Buffer.from("p").toString("base64"), mimeType: "image/png" },
    { type: "audio", data: Buffer.from("a").toString("base64"), mimeType: "audio/mpeg" },
    { type: "audio", data: Buffer.from("c").toString("base64"), mimeType: "audio/wav" },
  ]);
});

test("pictures at the bound are shown, what is one byte past it is left to its handle", async () => {
  const half = serveLimits.mediaContentBytesMax / 2;
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
