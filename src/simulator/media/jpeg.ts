import { hash32 } from "../model/random.ts";

/**
 * A grey baseline JPEG of one shade that follows from `seed`. With tables of the fewest codes a block is two bits long:
 * no difference to the block before, and nothing but that.
 */
export function makeJpeg(width: number, height: number, seed: string): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from([0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0])),
    segment(0xfe, Buffer.from("simulated", "latin1")),
    segment(0xdb, Buffer.from([0, ...new Array<number>(64).fill(2)])),
    segment(0xc0, Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])),
    segment(0xc4, dcTable),
    segment(0xc4, acTable),
    segment(0xda, Buffer.from([1, 1, 0x00, 0, 63, 0])),
    scan(blocks, hash32(seed) & 255),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Two codes, of one and two bits: `0` for no difference, `10` for one of eight bits. */
const dcTable = Buffer.from([0x00, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8]);
/** One code of one bit: the block ends. */
const acTable = Buffer.from([0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xff00 | marker, 0);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The first block's shade in eight bits, and its end; all bits after them are zeros up to the filling of the last byte. */
function scan(blocks: number, shade: number): Buffer {
  const first = `10${shade.toString(2).padStart(8, "0")}0`;
  const bits = first.length + (blocks - 1) * 2;
  const bytes = Buffer.alloc(Math.ceil(bits / 8));
  const set = (at: number) => {
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (128 >> (at & 7));
  };
  for (const [at, bit] of [...first].entries()) if (bit === "1") set(at);
  for (let at = bits; at < bytes.length * 8; at += 1) set(at);
  // No byte can be 0xff, which would have to be escaped: each has a zero among its first bits.
  return bytes;
}
