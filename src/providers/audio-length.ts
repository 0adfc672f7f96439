import { mediaTypeOf } from "./media-source.ts";

/**
 * The length in seconds of WAV, MP3, FLAC or Ogg, read from the file's own headers; undefined for anything else. For
 * providers that bill by time and do not say how much of it there was.
 */
export function audioSeconds(bytes: Uint8Array): number | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (mediaTypeOf(bytes)) {
    case "audio/wav":
      return wavSeconds(file);
    case "audio/mpeg":
      return mp3Seconds(file);
    case "audio/flac":
      return flacSeconds(file);
    case "audio/ogg":
      return oggSeconds(file);
    default:
      return undefined;
  }
}

function wavSeconds(file: Buffer): number | undefined {
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (name === "fmt " && at + 20 <= file.length) bytesPerSecond = file.readUInt32LE(at + 16);
    if (name === "data") {
      // A file that was streamed gives a length it did not know: what is there counts.
      return bytesPerSecond > 0 ? Math.min(size, file.length - at - 8) / bytesPerSecond : undefined;
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

const kbps = {
  first: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  second: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const hertz = [44_100, 48_000, 32_000] as const;

/** Frame by frame, since the bit rate may change with each (ISO 11172-3 and 13818-3, layer III). */
function mp3Seconds(file: Buffer): number | undefined {
  let at = file.toString("latin1", 0, 3) === "ID3" ? 10 + synchsafe(file, 6) : 0;
  let seconds = 0;
  while (at + 4 <= file.length) {
    const head = file.readUInt32BE(at);
    const version = (head >>> 19) & 3;
    const rate = hertz[(head >>> 10) & 3];
    const isFirst = version === 3;
    const bitRate = (isFirst ? kbps.first : kbps.second)[(head >>> 12) & 15];
    const isFrame = head >>> 21 === 0x7ff && version !== 1 && ((head >>> 17) & 3) === 1;
    if (!isFrame || rate === undefined || !bitRate) {
      // What follows the sound, such as a tag, is no sound; what comes before it is skipped.
      if (seconds > 0) break;
      at++;
      continue;
    }
    const sampleRate = isFirst ? rate : version === 2 ? rate / 2 : rate / 4;
    seconds += (isFirst ? 1_152 : 576) / sampleRate;
    at += Math.floor(((isFirst ? 144_000 : 72_000) * bitRate) / sampleRate) + ((head >>> 9) & 1);
  }
  // Microseconds: what adding up leaves behind them means nothing.
  return seconds > 0 ? Math.round(seconds * 1e6) / 1e6 : undefined;
}

function synchsafe(file: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((total, offset) => (total << 7) | ((file[at + offset] ?? 0) & 0x7f), 0);
}

function flacSeconds(file: Buffer): number | undefined {
  if (file.length < 26) return undefined;
  const sampleRate = file.readUIntBE(18, 3) >>> 4;
  const samples = (file.readUInt8(21) & 15) * 2 ** 32 + file.readUInt32BE(22);
  return sampleRate > 0 && samples > 0 ? samples / sampleRate : undefined;
}

/** The last page's position, in samples of the rate that the first page gives; Opus always counts 48,000 a second. */
function oggSeconds(file: Buffer): number | undefined {
  const last = file.lastIndexOf("OggS");
  if (last + 14 > file.length) return undefined;
  const samples = Number(file.readBigInt64LE(last + 6));
  const vorbis = file.subarray(0, 128).indexOf("\x01vorbis", 0, "latin1");
  if (vorbis < 0) return samples > 0 ? samples / 48_000 : undefined;
  const sampleRate = vorbis + 16 <= file.length ? file.readUInt32LE(vorbis + 12) : 0;
  return sampleRate > 0 && samples > 0 ? samples / sampleRate : undefined;
}
