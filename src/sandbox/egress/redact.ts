const mark = "[secret]";

/** Takes secrets out of what a server answers: one that echoes its request would show them to the program. */
export class Redaction {
  #needles: Buffer[];

  constructor(values: readonly string[]) {
    const forms = values.flatMap((value) => {
      // What follows a scheme such as "Bearer" is the secret itself.
      const parts = [value, value.replace(/^[A-Za-z]+ /, "")];
      return parts.flatMap((part) => [
        part,
        encodeURIComponent(part),
        JSON.stringify(part).slice(1, -1),
        Buffer.from(part).toString("base64").replace(/=+$/, ""),
        Buffer.from(part).toString("base64url"),
      ]);
    });
    // Short ones would take ordinary text with them; the longest first, since one may hold another.
    const distinct = [...new Set(forms)].filter((form) => form.length >= 6).sort((a, b) => b.length - a.length);
    this.#needles = distinct.map((form) => Buffer.from(form));
  }

  bytes(body: Buffer): Buffer {
    let result = body;
    for (const needle of this.#needles) result = replaceAll(result, needle);
    return result;
  }

  text(value: string): string {
    return this.#needles.length === 0 ? value : this.bytes(Buffer.from(value)).toString();
  }

  /** The same for data that can be written as JSON. */
  json<T>(value: T): T {
    if (this.#needles.length === 0) return value;
    const text = JSON.stringify(value);
    const clean = this.text(text);
    return clean === text ? value : (JSON.parse(clean) as T);
  }
}

function replaceAll(body: Buffer, needle: Buffer): Buffer {
  let at = body.indexOf(needle);
  if (at < 0) return body;
  const parts: Buffer[] = [];
  let from = 0;
  for (; at >= 0; at = body.indexOf(needle, from)) {
    parts.push(body.subarray(from, at), Buffer.from(mark));
    from = at + needle.length;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}
