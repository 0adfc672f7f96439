import { z } from "zod";

const bytes = z.number().int().nonnegative();

/** What pushes to some branches must keep to. */
const pushPolicy = z.strictObject({
  /** Repositories, as a glob; all when absent. */
  repo: z.string().min(1).optional(),
  /** Branches without `refs/heads/`, as a glob. */
  branch: z.string().min(1),
  fast_forward_only: z.boolean().optional(),
  protected: z.boolean().optional(),
  max_file_bytes: bytes.optional(),
});

export const artifactSettings = z.strictObject({
  /** Where others reach this server, before `/git`; results give it as the URL to clone. */
  public_url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/[?#]/.test(url), { error: "must have no query and no fragment" })
    .optional(),
  push_policies: z.array(pushPolicy).max(256).default([]),
  /** How many bytes one repository may have. */
  repository_bytes_max: bytes.optional(),
  /** Other bounds for some repositories, as a glob; the first that matches holds. */
  quotas: z
    .array(z.strictObject({ repo: z.string().min(1), bytes_max: bytes }))
    .max(256)
    .default([]),
  /** What may be imported besides public https URLs. */
  imports: z
    .strictObject({ http: z.boolean().default(false), private_addresses: z.boolean().default(false) })
    .default({ http: false, private_addresses: false }),
  /** US dollars for each 1,000,000,000 bytes written to repositories. */
  price_per_gb: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be dollars as a decimal string, such as "0.5"')
    .default("0"),
});
