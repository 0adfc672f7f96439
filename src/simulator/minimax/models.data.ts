/** MiniMax's text models: id, context tokens, output tokens at most, what else than text it takes. */
export const textModels: readonly (readonly [id: string, context: number, outputMax: number, takes: string])[] = [
  ["MiniMax-M3", 1_000_000, 512_000, "iv"],
  ["MiniMax-M3.1-Flash", 1_000_000, 524_288, "i"],
  ["MiniMax-M3.1-Flash-Preview", 1_000_000, 524_288, "i"],
  ["MiniMax-M2.7", 204_800, 131_072, ""],
  ["MiniMax-M2.7-highspeed", 204_800, 131_072, ""],
  ["MiniMax-M2.5", 204_800, 131_072, ""],
  ["MiniMax-M2.5-highspeed", 204_800, 131_072, ""],
  ["MiniMax-M2.1", 204_800, 131_072, ""],
  ["MiniMax-M2", 204_800, 131_072, ""],
];
