/** How long a simulated provider takes. */
export interface Latency {
  /** Before the first byte of an answer. */
  readonly headersMs: number;
  /** Between two events of a stream. */
  readonly chunkMs: number;
}

/** Sets latency for all providers or for one; what is set for one wins. */
export interface LatencyPlan {
  set(latency: Partial<Latency>, provider?: string): void;
  clear(): void;
  of(provider: string): Latency;
}

export function latencyPlan(initial: Partial<Latency> = {}): LatencyPlan {
  const none: Latency = { headersMs: 0, chunkMs: 0 };
  let common: Latency = { ...none, ...initial };
  const special = new Map<string, Partial<Latency>>();
  return {
    set(latency, provider) {
      if (provider === undefined) common = { ...common, ...latency };
      else special.set(provider, { ...special.get(provider), ...latency });
    },
    clear() {
      common = none;
      special.clear();
    },
    of: (provider) => (special.size === 0 ? common : { ...common, ...special.get(provider) }),
  };
}
