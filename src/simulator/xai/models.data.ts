/**
 * xAI's text models: id, context tokens, output tokens at most, whether it reasons, and US dollars for a million tokens
 * of input, cached input and output, by which its `cost_in_usd_ticks` is reckoned.
 */
export const textModels: readonly (readonly [
  id: string,
  context: number,
  outputMax: number,
  reasons: boolean,
  input: number,
  cached: number,
  output: number,
])[] = [
  ["grok-4.7", 500_000, 500_000, true, 2, 0.5, 6],
  ["grok-latest", 500_000, 500_000, true, 2, 0.5, 6],
  ["grok-4.6", 500_000, 500_000, true, 2, 0.5, 6],
  ["grok-4.5", 500_000, 500_000, true, 2, 0.3, 6],
  ["grok-4.3", 1_000_000, 30_000, true, 1.25, 0.2, 2.5],
  ["grok-4.20-0309-reasoning", 1_000_000, 30_000, true, 1.25, 0.2, 2.5],
  ["grok-4.20-0309-non-reasoning", 1_000_000, 30_000, false, 1.25, 0.2, 2.5],
  ["grok-4.20-multi-agent", 1_000_000, 30_000, true, 1.25, 0.2, 2.5],
  ["grok-4.20-multi-agent-0309", 1_000_000, 30_000, true, 1.25, 0.2, 2.5],
  ["grok-build-0.1", 256_000, 256_000, true, 1, 0.2, 2],
];
