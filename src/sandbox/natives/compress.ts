import { gunzipSync, gzipSync } from "node:zlib";
import { sandboxLimits } from "../../core/limits.ts";
import { bytesArg, type Native } from "./native.ts";

export const compressNatives: Readonly<Record<string, Native>> = {
  gzip: (args) => new Uint8Array(gzipSync(bytesArg(args, 0))),

  gunzip: (args) => {
    try {
      return new Uint8Array(gunzipSync(bytesArg(args, 0), { maxOutputLength: sandboxLimits.nativeBytesMax }));
    } catch {
      throw new TypeError(`this is not gzip, or more than ${sandboxLimits.nativeBytesMax} bytes of it`);
    }
  },
};
