import { bytesArg, jsonArg, type Native, textArg } from "./native.ts";

/** Encodings that `TextDecoder` takes, by the labels people use. */
const decoders = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["utf-16le", "utf-16le"],
  ["utf-16", "utf-16le"],
  ["latin1", "windows-1252"],
  ["iso-8859-1", "windows-1252"],
  ["windows-1252", "windows-1252"],
  ["ascii", "windows-1252"],
]);

function fromBase64(text: string): Buffer {
  const compact = text.replace(/[\t\n\f\r ]/g, "");
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw new TypeError("this is not base64");
  return Buffer.from(compact, "base64");
}

export const textNatives: Readonly<Record<string, Native>> = {
  "text.encode": (args) => new TextEncoder().encode(textArg(args, 0)),

  "text.decode": (args) => {
    const options = jsonArg(args, 1) as { label?: unknown; fatal?: unknown; ignoreBOM?: unknown };
    const encoding = decoders.get(String(options.label).toLowerCase());
    if (encoding === undefined) throw new TypeError(`the encoding ${JSON.stringify(options.label)} is not known`);
    const decoder = new TextDecoder(encoding, {
      fatal: options.fatal === true,
      ignoreBOM: options.ignoreBOM === true,
    });
    return JSON.stringify(decoder.decode(bytesArg(args, 0)));
  },

  "base64.encode": (args) => {
    const isUrl = jsonArg(args, 1) === true;
    return JSON.stringify(Buffer.from(bytesArg(args, 0)).toString(isUrl ? "base64url" : "base64"));
  },

  "base64.decode": (args) => new Uint8Array(fromBase64(textArg(args, 0))),

  btoa: (args) => {
    const text = textArg(args, 0);
    for (let index = 0; index < text.length; index++) {
      if (text.charCodeAt(index) > 255) throw new TypeError("btoa takes only characters up to U+00FF");
    }
    return JSON.stringify(Buffer.from(text, "latin1").toString("base64"));
  },

  atob: (args) => JSON.stringify(fromBase64(textArg(args, 0)).toString("latin1")),

  "hex.encode": (args) => JSON.stringify(Buffer.from(bytesArg(args, 0)).toString("hex")),

  "hex.decode": (args) => {
    const text = textArg(args, 0);
    if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new TypeError("this is not hexadecimal");
    return new Uint8Array(Buffer.from(text, "hex"));
  },
};
