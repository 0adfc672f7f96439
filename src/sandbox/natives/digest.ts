import { createHash, createHmac } from "node:crypto";
import { bytesArg, jsonArg, type Native, textArg } from "./native.ts";

const algorithms = new Map([
  ["md5", "md5"],
  ["sha1", "sha1"],
  ["sha-1", "sha1"],
  ["sha256", "sha256"],
  ["sha-256", "sha256"],
  ["sha384", "sha384"],
  ["sha-384", "sha384"],
  ["sha512", "sha512"],
  ["sha-512", "sha512"],
]);

function algorithm(label: string): string {
  const found = algorithms.get(label.toLowerCase());
  if (found === undefined) throw new TypeError(`the hash ${JSON.stringify(label)} is not known; use SHA-256`);
  return found;
}

const randomBytesMax = 65_536;

export const digestNatives: Readonly<Record<string, Native>> = {
  digest: (args) =>
    new Uint8Array(
      createHash(algorithm(textArg(args, 0)))
        .update(bytesArg(args, 1))
        .digest(),
    ),

  hmac: (args) =>
    new Uint8Array(
      createHmac(algorithm(textArg(args, 0)), bytesArg(args, 1))
        .update(bytesArg(args, 2))
        .digest(),
    ),

  random: (args, context) => {
    const length = jsonArg(args, 0);
    if (typeof length !== "number" || !(length >= 0 && length <= randomBytesMax)) {
      throw new TypeError(`more than ${randomBytesMax} random bytes at once`);
    }
    return context.random(Math.floor(length));
  },
};
