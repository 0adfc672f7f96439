const signatures: readonly (readonly [string, number, string])[] = [
  ["image/png", 0, "89504e470d0a1a0a"],
  ["image/jpeg", 0, "ffd8ff"],
  ["image/gif", 0, "47494638"],
  ["image/webp", 8, "57454250"],
  ["audio/wav", 8, "57415645"],
  ["video/mp4", 4, "66747970"],
  ["video/webm", 0, "1a45dfa3"],
  ["audio/ogg", 0, "4f676753"],
  ["audio/flac", 0, "664c6143"],
  ["audio/mpeg", 0, "494433"],
  ["audio/mpeg", 0, "fffb"],
  ["audio/mpeg", 0, "fff3"],
  ["audio/aac", 0, "fff1"],
  ["application/pdf", 0, "25504446"],
];

/** The media type that the first bytes of a file show, or `undefined` where they show none. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const known = signatures.find(([, at, hex]) => head.startsWith(hex, at * 2))?.[0];
  if (known !== undefined) return known;
  const text = Buffer.from(bytes.subarray(0, 256)).toString("utf8").trimStart();
  return text.startsWith("<svg") || (text.startsWith("<?xml") && text.includes("<svg")) ? "image/svg+xml" : undefined;
}

/** Width and height of a PNG, as its header says. Other formats carry them deeper; providers report them where it matters. */
export function pngSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes.length < 24 || mediaTypeOf(bytes) !== "image/png") return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
