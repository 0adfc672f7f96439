import { describe, expect, test } from "vitest";
import { audioSeconds } from "../../src/providers/audio-length.ts";
import { wav } from "./support/media.ts";

/** One MP3 frame: MPEG-1 at 44.1 kHz, or MPEG-2 at 22.05 kHz; `kbps` is the index of its bit rate. */
function frame(version: 1 | 2, kbpsIndex: number, bytes: number): Buffer {
  const whole = Buffer.alloc(bytes);
  whole.writeUInt32BE((0xffe00000 | ((version === 1 ? 3 : 2) << 19) | (1 << 17) | (1 << 16) | (kbpsIndex << 12)) >>> 0);
  return whole;
}

function repeated(piece: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => piece));
}

/** An Ogg page with nothing but its position, then its content. */
function page(position: number, content: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.write("OggS", 0, "latin1");
  head.writeBigInt64LE(BigInt(position), 6);
  return Buffer.concat([head, content]);
}

const flac = Buffer.concat([
  Buffer.from("fLaC\0\0\0\x22", "latin1"),
  Buffer.alloc(10),
  // 44,100 Hz in 20 bits, then 36 bits of samples.
  Buffer.from([0x0a, 0xc4, 0x42, 0xf0, 0, 1, 0x58, 0x88]),
]);
const tag = Buffer.concat([
  Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 5]),
  Buffer.from([0xff, 0xfb, 0x90, 0, 0]),
]);
const vorbis = Buffer.concat([Buffer.from("\x01vorbis\0\0\0\0\x01", "latin1"), Buffer.from([0x40, 0x1f, 0, 0])]);

describe("the length of a recording", () => {
  test.each<[string, Buffer, number]>([
    ["WAV", wav(2.5), 2.5],
    ["a WAV that was streamed", streamed(wav(1)), 1],
    ["MP3 of one bit rate", repeated(frame(1, 9, 417), 100), (100 * 1_152) / 44_100],
    ["MP3 of changing bit rates", Buffer.concat([frame(1, 9, 417), frame(1, 11, 626)]), (2 * 1_152) / 44_100],
    ["MP3 at a low rate", repeated(frame(2, 8, 208), 10), (10 * 576) / 22_050],
    ["MP3 behind a tag that looks like sound", Buffer.concat([tag, frame(1, 9, 417)]), 1_152 / 44_100],
    ["MP3 before a tag", Buffer.concat([frame(1, 9, 417), Buffer.from("TAGtitle")]), 1_152 / 44_100],
    ["FLAC", flac, 2],
    ["Opus", Buffer.concat([page(0, Buffer.from("OpusHead")), page(72_000, Buffer.alloc(9))]), 1.5],
    ["Vorbis", Buffer.concat([page(0, vorbis), page(12_000, Buffer.alloc(9))]), 1.5],
  ])("is read from %s", (_name, file, seconds) => {
    expect(audioSeconds(file)).toBeCloseTo(seconds, 6);
  });

  test.each<[string, Buffer]>([
    ["no audio", Buffer.from("<html>")],
    ["nothing", Buffer.alloc(0)],
    ["a WAV without sound", wav(1).subarray(0, 36)],
    ["a FLAC that is cut", flac.subarray(0, 20)],
    ["an Ogg that is cut", Buffer.from("OggS")],
    ["an Ogg that ends before it begins", page(-1, Buffer.alloc(9))],
    ["an MP3 of a bit rate that there is not", repeated(frame(1, 15, 400), 3)],
  ])("is not known of %s", (_name, file) => {
    expect(audioSeconds(file)).toBeUndefined();
  });

  test("is the same from a view into a larger buffer", () => {
    const larger = Buffer.concat([Buffer.alloc(3), wav(1)]);
    expect(audioSeconds(new Uint8Array(larger.buffer, larger.byteOffset + 3, larger.length - 3))).toBe(1);
  });
});

function streamed(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(0xffffffff, 40);
  return copy;
}
