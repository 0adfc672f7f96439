import { makeJpeg } from "./jpeg.ts";

const timescale = 1_000;

/**
 * A real MP4 of one picture a second: a moov before its mdat, one video track whose samples are JPEG pictures (object
 * type 0x6C), so that a player can show it without this file having a video encoder.
 */
export function makeMp4(width: number, height: number, seconds: number, seed: string): Buffer {
  const count = Math.max(1, Math.ceil(seconds));
  const duration = Math.round(seconds * timescale);
  const samples = Array.from({ length: count }, (_, index) => makeJpeg(width, height, `${seed} ${index}`));
  const ftyp = box("ftyp", Buffer.concat([Buffer.from("isom"), u32(512), Buffer.from("isommp41")]));
  const moovOf = (offset: number) => moov(width, height, duration, samples, offset);
  // The offset of the samples is known once the moov's length is, which does not depend on it.
  const offset = ftyp.length + moovOf(0).length + 8;
  return Buffer.concat([ftyp, moovOf(offset), box("mdat", Buffer.concat(samples))]);
}

function moov(width: number, height: number, duration: number, samples: readonly Buffer[], offset: number): Buffer {
  const mvhd = full(
    "mvhd",
    0,
    Buffer.concat([
      u32(0),
      u32(0),
      u32(timescale),
      u32(duration),
      u32(0x10000),
      u16(0x100),
      Buffer.alloc(10),
      matrix,
      Buffer.alloc(24),
      u32(2),
    ]),
  );
  const tkhd = full(
    "tkhd",
    3,
    Buffer.concat([
      u32(0),
      u32(0),
      u32(1),
      u32(0),
      u32(duration),
      Buffer.alloc(16),
      matrix,
      u32(width * 0x10000),
      u32(height * 0x10000),
    ]),
  );
  const mdhd = full("mdhd", 0, Buffer.concat([u32(0), u32(0), u32(timescale), u32(duration), u16(0x55c4), u16(0)]));
  const hdlr = full(
    "hdlr",
    0,
    Buffer.concat([u32(0), Buffer.from("vide"), Buffer.alloc(12), Buffer.from("simulated\0")]),
  );
  const dref = full("dref", 0, Buffer.concat([u32(1), full("url ", 1, Buffer.alloc(0))]));
  const minf = box(
    "minf",
    Buffer.concat([
      full("vmhd", 1, Buffer.alloc(8)),
      box("dinf", dref),
      sampleTable(width, height, duration, samples, offset),
    ]),
  );
  const trak = box("trak", Buffer.concat([tkhd, box("mdia", Buffer.concat([mdhd, hdlr, minf]))]));
  return box("moov", Buffer.concat([mvhd, trak]));
}

function sampleTable(
  width: number,
  height: number,
  duration: number,
  samples: readonly Buffer[],
  offset: number,
): Buffer {
  const entry = box(
    "mp4v",
    Buffer.concat([
      Buffer.alloc(6),
      u16(1),
      Buffer.alloc(16),
      u16(width),
      u16(height),
      u32(0x480000),
      u32(0x480000),
      u32(0),
      u16(1),
      Buffer.alloc(32),
      u16(24),
      u16(0xffff),
      full("esds", 0, descriptor),
    ]),
  );
  const perSample = Math.floor(duration / samples.length);
  return box(
    "stbl",
    Buffer.concat([
      full("stsd", 0, Buffer.concat([u32(1), entry])),
      full("stts", 0, Buffer.concat([u32(1), u32(samples.length), u32(perSample)])),
      full("stsc", 0, Buffer.concat([u32(1), u32(1), u32(samples.length), u32(1)])),
      full("stsz", 0, Buffer.concat([u32(0), u32(samples.length), ...samples.map(({ length }) => u32(length))])),
      full("stco", 0, Buffer.concat([u32(1), u32(offset)])),
    ]),
  );
}

/** An elementary stream of JPEG pictures: descriptors of the stream, its decoder and its packets. */
const descriptor = Buffer.from([0x03, 21, 0, 1, 0, 0x04, 13, 0x6c, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x06, 1, 2]);

const matrix = Buffer.concat([u32(0x10000), Buffer.alloc(12), u32(0x10000), Buffer.alloc(12), u32(0x40000000)]);

function box(type: string, data: Buffer): Buffer {
  return Buffer.concat([u32(data.length + 8), Buffer.from(type, "latin1"), data]);
}

function full(type: string, flags: number, data: Buffer): Buffer {
  return box(type, Buffer.concat([u32(flags), data]));
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0);
  return out;
}

function u16(value: number): Buffer {
  const out = Buffer.alloc(2);
  out.writeUInt16BE(value);
  return out;
}

/** The size and length of such an MP4, or null when the bytes are none. */
export function readMp4(bytes: Buffer): { width: number; height: number; seconds: number } | null {
  if (bytes.toString("latin1", 4, 8) !== "ftyp") return null;
  const mvhd = bytes.indexOf("mvhd");
  const tkhd = bytes.indexOf("tkhd");
  if (mvhd < 0 || tkhd < 0) return null;
  return {
    seconds: bytes.readUInt32BE(mvhd + 20) / bytes.readUInt32BE(mvhd + 16),
    width: bytes.readUInt16BE(tkhd + 80),
    height: bytes.readUInt16BE(tkhd + 84),
  };
}
