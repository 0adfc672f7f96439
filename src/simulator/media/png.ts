import { crc32, deflateSync } from "node:zlib";
import { hash32 } from "../model/random.ts";

/** An image of two colours that follow from `seed`: the same seed and size give the same bytes. */
export function makePng(width: number, height: number, seed: string, options: { transparent?: boolean } = {}): Buffer {
  const stripe = Math.max(8, Math.floor(width / 8 / 8) * 8);
  const rowBytes = Math.ceil(width / 8);
  // One bit a pixel: vertical stripes as wide as an eighth of the image.
  const row = Buffer.alloc(rowBytes + 1);
  for (let at = 0; at < rowBytes; at += 1) row[at + 1] = Math.floor((at * 8) / stripe) % 2 === 0 ? 0x00 : 0xff;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 3, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((rowBytes + 1) * height, row), { level: 1 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", paletteOf(seed)),
    ...(options.transparent ? [chunk("tRNS", Buffer.from([0, 255]))] : []),
    chunk("tEXt", Buffer.from("Software\0simulated", "latin1")),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function paletteOf(seed: string): Buffer {
  const first = hash32(seed);
  const second = hash32(`${seed} `);
  return Buffer.from([first >>> 16, first >>> 8, first, second >>> 16, second >>> 8, second].map((byte) => byte & 255));
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}
