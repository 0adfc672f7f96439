/** One field of a form: text, or a file with its name and type. */
export type FormPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly bytes: Uint8Array; readonly fileName: string; readonly mediaType: string };

export interface MultipartBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** `multipart/form-data` (RFC 7578), the parts in the order given: some providers want the file last. */
export function multipart(parts: readonly FormPart[]): MultipartBody {
  const boundary = freeBoundary(parts);
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    const file =
      "bytes" in part ? `; filename="${quoted(part.fileName)}"\r\ncontent-type: ${quoted(part.mediaType)}` : "";
    chunks.push(
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(part.name)}"${file}\r\n\r\n`),
    );
    chunks.push("bytes" in part ? part.bytes : Buffer.from(part.value), crlf);
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(chunks) };
}

const crlf = Buffer.from("\r\n");

/** A boundary that occurs in no part, without randomness: equal forms are equal bytes. */
function freeBoundary(parts: readonly FormPart[]): string {
  const contents = parts.map((part) => Buffer.from("bytes" in part ? part.bytes : part.value));
  for (let n = 0; ; n++) {
    const boundary = `switchyard-form-${n.toString().padStart(8, "0")}`;
    if (!contents.some((content) => content.includes(boundary))) return boundary;
  }
}

function quoted(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
