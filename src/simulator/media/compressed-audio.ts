import { crc32Ogg } from "./ogg-crc.ts";

const samplesPerFrame = 576;

/**
 * Silence as MP3: frames of MPEG-2 layer III at 24 kHz and 64 kbit/s whose data are zeros, after an ID3 tag with `spoken`
 * in a comment where a simulated transcriber finds it.
 */
export function makeMp3(seconds: number, spoken: string): Buffer {
  const frames = Math.max(1, Math.ceil((seconds * 24_000) / samplesPerFrame));
  const frame = Buffer.alloc(192);
  frame.set([0xff, 0xf3, 0x84, 0xc4]);
  return Buffer.concat([id3(spoken), Buffer.alloc(192 * frames, frame)]);
}

/** An ID3v2.3 tag of one user text. */
function id3(spoken: string): Buffer {
  const text = Buffer.concat([Buffer.from([3]), Buffer.from(`spoken\0${spoken}`)]);
  const frame = Buffer.alloc(10);
  frame.write("TXXX", 0, "latin1");
  frame.writeUInt32BE(text.length, 4);
  const size = text.length + 10;
  const sizeBytes = [size >>> 21, size >>> 14, size >>> 7, size].map((byte) => byte & 127);
  return Buffer.concat([Buffer.from("ID3", "latin1"), Buffer.from([3, 0, 0, ...sizeBytes]), frame, text]);
}

/** How long such an MP3 is and what is said in it, or null when the bytes are no MP3. */
export function readMp3(bytes: Buffer): { seconds: number; spoken: string | null } | null {
  let start = 0;
  let spoken: string | null = null;
  if (bytes.toString("latin1", 0, 3) === "ID3" && bytes.length > 20) {
    const size = [6, 7, 8, 9].reduce((sum, at) => (sum << 7) | (bytes[at] ?? 0), 0);
    const [name, text] = bytes
      .subarray(21, 10 + size)
      .toString("utf8")
      .split("\0");
    if (name === "spoken") spoken = text ?? null;
    start = 10 + size;
  }
  if (bytes[start] !== 0xff || ((bytes[start + 1] ?? 0) & 0xe0) !== 0xe0) return null;
  return { seconds: ((bytes.length - start) / 192) * (samplesPerFrame / 24_000), spoken };
}

const silentAac = Buffer.from([0x00, 0xc8, 0x00, 0x80, 0x23, 0x80]);

/** Silence as AAC in ADTS frames, mono at 24 kHz. */
export function makeAac(seconds: number): Buffer {
  const frames = Math.max(1, Math.ceil((seconds * 24_000) / 1_024));
  const length = silentAac.length + 7;
  const head = Buffer.from([
    0xff,
    0xf1,
    0x58,
    0x40 | (length >> 11),
    (length >> 3) & 255,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  const frame = Buffer.concat([head, silentAac]);
  return Buffer.alloc(frame.length * frames, frame);
}

const opusFrameSamples = 960;

/** Silence as Opus in Ogg: packets of nothing but their first byte. */
export function makeOpus(seconds: number): Buffer {
  const packets = Math.max(1, Math.ceil((seconds * 48_000) / opusFrameSamples));
  const head = Buffer.from([...Buffer.from("OpusHead"), 1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const vendor = Buffer.from("simulated");
  const tags = Buffer.concat([Buffer.from("OpusTags"), Buffer.from([vendor.length, 0, 0, 0]), vendor, Buffer.alloc(4)]);
  const pages = [oggPage([head], 0, 0n, 2), oggPage([tags], 1, 0n, 0)];
  for (let sent = 0; sent < packets; sent += 255) {
    const count = Math.min(255, packets - sent);
    const position = BigInt((sent + count) * opusFrameSamples);
    const isLast = sent + count === packets;
    pages.push(oggPage(new Array<Buffer>(count).fill(Buffer.from([0xf8])), pages.length, position, isLast ? 4 : 0));
  }
  return Buffer.concat(pages);
}

function oggPage(packets: readonly Buffer[], sequence: number, position: bigint, flags: number): Buffer {
  const head = Buffer.alloc(27 + packets.length);
  head.write("OggS", 0, "latin1");
  head[5] = flags;
  head.writeBigUInt64LE(position, 6);
  head.writeUInt32LE(1, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = packets.length;
  for (const [at, packet] of packets.entries()) head[27 + at] = packet.length;
  const page = Buffer.concat([head, ...packets]);
  page.writeUInt32LE(crc32Ogg(page), 22);
  return page;
}
