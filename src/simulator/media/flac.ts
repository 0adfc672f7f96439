/** Samples in a block. */
const blockSamples = 4_096;

/** Silence as FLAC, mono at 16 bits: each block is one constant. */
export function makeFlac(seconds: number, sampleRate: number): Buffer {
  const samples = Math.max(1, Math.round(seconds * sampleRate));
  const info = Buffer.alloc(34);
  info.writeUInt16BE(blockSamples, 0);
  info.writeUInt16BE(blockSamples, 2);
  // 20 bits of sample rate, 3 of channels less one, 5 of bits less one, 36 of samples.
  info.writeBigUInt64BE((BigInt(sampleRate) << 44n) | (15n << 36n) | BigInt(samples), 10);
  const head = Buffer.concat([Buffer.from("fLaC", "latin1"), Buffer.from([0x80, 0, 0, 34]), info]);
  const frames: Buffer[] = [];
  for (let at = 0; at < samples; at += blockSamples)
    frames.push(frameOf(at / blockSamples, Math.min(blockSamples, samples - at)));
  return Buffer.concat([head, ...frames]);
}

function frameOf(index: number, samples: number): Buffer {
  // A fixed block size, written in 16 bits at the header's end; rate and depth as in the stream's head.
  const head = Buffer.from([0xff, 0xf8, 0x70, 0x00, ...utf8Number(index), (samples - 1) >> 8, (samples - 1) & 255]);
  const body = Buffer.from([0x00, 0x00, 0x00]);
  const frame = Buffer.concat([head, Buffer.from([crc8(head)]), body]);
  const sum = crc16(frame);
  return Buffer.concat([frame, Buffer.from([sum >> 8, sum & 255])]);
}

/** A number in the way of UTF-8. */
function utf8Number(value: number): Buffer {
  return Buffer.from(String.fromCodePoint(value));
}

function crc8(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 255;
  }
  return crc;
}

function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x8005 : 0)) & 0xffff;
  }
  return crc;
}
