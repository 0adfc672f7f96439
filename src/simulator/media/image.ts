import { hash32 } from "../model/random.ts";
import { makeJpeg } from "./jpeg.ts";
import { makePng } from "./png.ts";
import { makeWebp } from "./webp.ts";

export type ImageFormat = "png" | "jpeg" | "webp" | "svg";

export const imageContentType: Readonly<Record<ImageFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  svg: "image/svg+xml",
};

/** A small real image of this size, the same for the same seed. */
export function makeImage(
  format: ImageFormat,
  width: number,
  height: number,
  seed: string,
  transparent = false,
): Buffer {
  switch (format) {
    case "png":
      return makePng(width, height, seed, { transparent });
    case "jpeg":
      return makeJpeg(width, height, seed);
    case "webp":
      return makeWebp(width, height, seed);
    case "svg":
      return makeSvg(width, height, seed);
  }
}

function makeSvg(width: number, height: number, seed: string): Buffer {
  const fill = `#${(hash32(seed) & 0xffffff).toString(16).padStart(6, "0")}`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><title>simulated</title><rect width="100%" height="100%" fill="${fill}"/></svg>\n`,
  );
}

/** What a file's first bytes say an image is, and its size; null when it is none that is known here. */
export function readImage(
  bytes: Buffer,
): { format: ImageFormat | "gif"; width: number; height: number; alpha: boolean } | null {
  if (bytes.length > 26 && bytes.readUInt32BE(0) === 0x89504e47) {
    const colour = bytes[25] ?? 0;
    const alpha = (colour & 4) !== 0 || bytes.includes("tRNS");
    return { format: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), alpha };
  }
  if (bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8) return readJpeg(bytes);
  if (bytes.length > 25 && bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP") {
    const packed = bytes.readUInt32LE(21);
    return { format: "webp", width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, alpha: false };
  }
  if (bytes.length > 10 && bytes.toString("latin1", 0, 3) === "GIF") {
    return { format: "gif", width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), alpha: false };
  }
  return null;
}

function readJpeg(bytes: Buffer): ReturnType<typeof readImage> {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc3) {
      return { format: "jpeg", width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5), alpha: false };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return { format: "jpeg", width: 0, height: 0, alpha: false };
}
