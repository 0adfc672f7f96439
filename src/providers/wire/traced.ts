import type { WireRequest } from "../adapter.ts";

/** A request that tells the provider which trace it belongs to. */
export function traced(request: WireRequest, traceparent: string | undefined): WireRequest {
  return traceparent === undefined ? request : { ...request, headers: { ...request.headers, traceparent } };
}
