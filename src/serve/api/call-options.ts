import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { inferLimits } from "../../core/limits.ts";
import type { InferArgs } from "../../infer/request.ts";
import { headerOf } from "./exchange.ts";

/**
 * What `infer` can do beyond what a client library knows of, as further members of the body, by the same names as in
 * the tool. Both official libraries pass members they do not know through.
 */
export const callOptions = {
  fallbacks: z.array(z.string()).optional(),
  max_cost: z.string().optional(),
  budget: z.looseObject({}).optional(),
  timeout_ms: z.number().optional(),
  on_unsupported: z.enum(["error", "drop"]).optional(),
  cache: z
    .union([
      z.boolean(),
      z.strictObject({
        ttl_s: z.number().int().nonnegative().max(inferLimits.cacheTtlSMax).optional(),
        coalesce: z.boolean().optional(),
      }),
    ])
    .optional(),
  idempotency_key: z.string().optional(),
  provider_options: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
};

type CallOptions = z.infer<z.ZodObject<typeof callOptions>>;

/** Those members as `infer` takes them; the key may also be in the `Idempotency-Key` header. */
export function callOptionsOf(options: CallOptions, request: IncomingMessage): Partial<InferArgs> {
  const { fallbacks, max_cost, budget, timeout_ms, on_unsupported, cache, provider_options } = options;
  const idempotency_key = options.idempotency_key ?? headerOf(request, "idempotency-key");
  return {
    ...(fallbacks === undefined ? {} : { fallbacks }),
    ...(max_cost === undefined ? {} : { max_cost }),
    ...(budget === undefined ? {} : { budget: budget as InferArgs["budget"] }),
    ...(timeout_ms === undefined ? {} : { timeout_ms }),
    ...(on_unsupported === undefined ? {} : { on_unsupported }),
    ...(cache === undefined ? {} : { cache }),
    ...(idempotency_key === undefined ? {} : { idempotency_key }),
    ...(provider_options === undefined ? {} : { provider_options }),
  };
}

/** A bare model name means the model of the provider whose library is used. */
export function modelId(model: string, provider: string): string {
  return model.includes("/") || model === "auto" ? model : `${provider}/${model}`;
}
