import { z } from "zod";

/** A piece of media that a caller hands in: a URL, or where else its bytes are. */
export const mediaInput = z.union([
  z.string().describe("A URL"),
  z.strictObject({
    url: z.string().optional(),
    data: z.string().optional().describe("Base64"),
    blob: z.string().optional().describe("A handle from an earlier result"),
    artifact: z.string().optional().describe("repo:path or repo@ref:path"),
    media_type: z.string().optional(),
  }),
]);

/** The same after the pipeline has resolved it: exactly one of `url`, `data` and `reference`. */
export interface MediaInput {
  readonly url?: string | undefined;
  /** Base64. */
  readonly data?: string | undefined;
  /** What the provider calls a file that was uploaded to it for this request. Set by an adapter's own `uploads`. */
  readonly reference?: string | undefined;
  readonly media_type?: string | undefined;
}

/** A piece of media that a provider made. */
export interface MediaOutput {
  /** Absent where only the bytes can tell. */
  readonly mediaType?: string | undefined;
  readonly source: MediaOutputSource;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Seconds. */
  readonly durationS?: number | undefined;
}

/** Where the bytes are. A provider's URL expires: whoever gets one fetches it at once. */
export type MediaOutputSource =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** `needsKey`: the adapter's `download` says how to fetch it; else a plain GET does. */
  | { readonly kind: "url"; readonly url: string; readonly needsKey?: boolean | undefined };

/** `16:9`, `19.5:9` or `auto`. */
export const aspectRatio = z
  .string()
  .regex(/^(?:\d{1,3}(?:\.\d)?:\d{1,3}(?:\.\d)?|auto)$/)
  .describe('Width to height, such as "16:9", or "auto"');
