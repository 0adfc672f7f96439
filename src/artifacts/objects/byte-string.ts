declare const bytesInside: unique symbol;

/**
 * Bytes held in a string, one byte a character (Latin-1). Git's names and paths are bytes and need not be UTF-8; in
 * this form they compare with `<` in git's own order, work as map keys and go back to the same bytes.
 */
export type ByteString = string & { readonly [bytesInside]: true };

const ascii = /^[\0-\x7f]*$/;

/** The UTF-8 bytes of a text. */
export function toByteString(text: string): ByteString {
  return (ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1")) as ByteString;
}

/** The text that the bytes spell in UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function fromByteString(bytes: ByteString): string {
  return ascii.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** A slice of a buffer, as it is. */
export function sliceByteString(buffer: Buffer, start: number, end: number): ByteString {
  return buffer.toString("latin1", start, end) as ByteString;
}

export function joinBytes(parent: ByteString, name: ByteString): ByteString {
  return (parent === "" ? name : `${parent}/${name}`) as ByteString;
}
