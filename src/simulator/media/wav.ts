/** A tone of 440 Hz as 16-bit samples, mono. */
export function makePcm(seconds: number, sampleRate: number): Buffer {
  const samples = Math.round(seconds * sampleRate);
  const out = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1) {
    out.writeInt16LE(Math.round(Math.sin((at * 880 * Math.PI) / sampleRate) * 8_000), at * 2);
  }
  return out;
}

/** Formats of a WAV file by their number in its header. */
export const wavFormats = { pcm: 1, alaw: 6, mulaw: 7 } as const;

/**
 * A WAV file around samples of one channel, with `spoken` in a comment where a simulated transcriber finds it. `format`
 * says what the samples are.
 */
export function wrapWav(
  samples: Buffer,
  sampleRate: number,
  spoken: string,
  format: keyof typeof wavFormats = "pcm",
): Buffer {
  const bytesPerSample = format === "pcm" ? 2 : 1;
  const head = Buffer.alloc(24);
  head.write("fmt ", 0, "latin1");
  head.writeUInt32LE(16, 4);
  head.writeUInt16LE(wavFormats[format], 8);
  head.writeUInt16LE(1, 10);
  head.writeUInt32LE(sampleRate, 12);
  head.writeUInt32LE(sampleRate * bytesPerSample, 16);
  head.writeUInt16LE(bytesPerSample, 20);
  head.writeUInt16LE(bytesPerSample * 8, 22);
  const body = Buffer.concat([
    Buffer.from("WAVE", "latin1"),
    head,
    // The samples come first, so that the header is the 44 bytes that much code takes it to be.
    riffChunk("data", samples),
    spoken === "" ? Buffer.alloc(0) : commentOf(spoken),
  ]);
  return riffChunk("RIFF", body);
}

function commentOf(spoken: string): Buffer {
  const info = Buffer.from("INFO", "latin1");
  return riffChunk("LIST", Buffer.concat([info, riffChunk("ICMT", Buffer.from(`${spoken}\0`))]));
}

function riffChunk(id: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, "latin1");
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

/** How long a WAV file is and what is said in it, or null when the bytes are none. */
export function readWav(bytes: Buffer): { seconds: number; spoken: string | null; sampleRate: number } | null {
  if (bytes.length < 44 || bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") {
    return null;
  }
  let [byteRate, sampleRate, seconds] = [0, 0, 0];
  let spoken: string | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString("latin1", at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (id === "fmt ") [sampleRate, byteRate] = [data.readUInt32LE(4), data.readUInt32LE(8)];
    if (id === "data") seconds = byteRate === 0 ? 0 : data.length / byteRate;
    if (id === "LIST" && data.toString("latin1", 0, 8) === "INFOICMT") {
      spoken = data
        .subarray(12, 12 + data.readUInt32LE(8))
        .toString("utf8")
        .replace(/\0+$/, "");
    }
    at += 8 + length + (length % 2);
  }
  return { seconds, spoken, sampleRate };
}

/** 16-bit samples in eight bits, as telephony has them. */
export function toMulaw(pcm: Buffer): Buffer {
  const out = Buffer.alloc(pcm.length >> 1);
  for (let at = 0; at < out.length; at += 1) {
    const sample = pcm.readInt16LE(at * 2);
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
    const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
    out[at] = ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 15)) & 255;
  }
  return out;
}

/** The other way of telephony. */
export function toAlaw(pcm: Buffer): Buffer {
  const out = Buffer.alloc(pcm.length >> 1);
  for (let at = 0; at < out.length; at += 1) {
    const sample = pcm.readInt16LE(at * 2);
    const sign = sample >= 0 ? 0x80 : 0;
    const magnitude = Math.min(32_767, Math.abs(sample));
    const exponent = magnitude < 256 ? 0 : 31 - Math.clz32(magnitude) - 7;
    const mantissa = exponent === 0 ? magnitude >> 4 : (magnitude >> (exponent + 3)) & 15;
    out[at] = (sign | (exponent << 4) | mantissa) ^ 0x55;
  }
  return out;
}
