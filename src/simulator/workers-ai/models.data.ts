/** Workers AI's text models: id, context tokens, output tokens at most, what each takes in letters. */
export const textModels: readonly (readonly [id: string, context: number, outputMax: number, takes: string])[] = [
  // t tools, i images, r reasoning, n answers natively as OpenAI does.
  ["@cf/openai/gpt-oss-120b", 128_000, 16_384, "trn"],
  ["@cf/openai/gpt-oss-20b", 128_000, 16_384, "trn"],
  ["@cf/qwen/qwen3.8-27b", 262_144, 262_144, "tirn"],
  ["@cf/qwen/qwen3-30b-a3b-fp8", 32_768, 32_768, "tr"],
  ["@cf/qwen/qwq-32b", 24_000, 24_000, "r"],
  ["@cf/qwen/qwen2.5-coder-32b-instruct", 32_768, 32_768, ""],
  ["@cf/zai-org/glm-5.3", 1_048_576, 1_048_576, "trn"],
  ["@cf/zai-org/glm-5.3-flash", 1_048_576, 1_048_576, "tirn"],
  ["@cf/zai-org/glm-5.2", 262_144, 256_000, "trn"],
  ["@cf/zai-org/glm-4.7-flash", 131_072, 131_072, "trn"],
  ["@cf/moonshotai/kimi-k2.7-code", 262_144, 262_144, "tirn"],
  ["@cf/moonshotai/kimi-k2.6", 262_144, 256_000, "tirn"],
  ["@cf/moonshotai/kimi-k2.5", 256_000, 256_000, "tirn"],
  ["@cf/deepseek-ai/deepseek-v4.1-flash-1017", 1_048_576, 1_048_576, "tirn"],
  ["@cf/deepseek-ai/deepseek-v4-pro-0813", 1_048_576, 1_048_576, "trn"],
  ["@cf/deepseek-ai/deepseek-v4-flash-0731", 1_048_576, 1_048_576, "trn"],
  ["@cf/deepseek-ai/deepseek-r1-distill-qwen-32b", 80_000, 80_000, "r"],
  ["@cf/google/gemma-4-26b-a4b-it", 256_000, 16_384, "tirn"],
  ["@cf/aisingapore/gemma-sea-lion-v4-27b-it", 128_000, 128_000, ""],
  ["@cf/nvidia/nemotron-3-120b-a12b", 256_000, 256_000, "trn"],
  ["@cf/ibm-granite/granite-4.0-h-micro", 131_000, 131_000, "t"],
  ["@cf/mistralai/mistral-small-3.1-24b-instruct", 128_000, 128_000, "t"],
  ["@cf/meta/llama-4-scout-17b-16e-instruct", 131_000, 16_384, "ti"],
  ["@cf/meta/llama-3.3-70b-instruct-fp8-fast", 24_000, 24_000, "t"],
  ["@cf/meta/llama-3.2-11b-vision-instruct", 128_000, 128_000, "i"],
  ["@cf/meta/llama-3.2-3b-instruct", 80_000, 80_000, ""],
  ["@cf/meta/llama-3.2-1b-instruct", 60_000, 60_000, ""],
  ["@cf/meta/llama-3.1-8b-instruct-fp8", 32_000, 32_000, ""],
  ["@cf/meta/llama-guard-3-8b", 131_072, 131_072, ""],
];

/** Embedding models: id, dimensions, tokens of one text. */
export const embeddingModels: readonly (readonly [id: string, dimensions: number, tokensMax: number])[] = [
  ["@cf/baai/bge-m3", 1_024, 60_000],
  ["@cf/baai/bge-large-en-v1.5", 1_024, 512],
  ["@cf/baai/bge-base-en-v1.5", 768, 512],
  ["@cf/baai/bge-small-en-v1.5", 384, 512],
  ["@cf/qwen/qwen3-embedding-0.6b", 1_024, 8_192],
  ["@cf/google/embeddinggemma-300m", 768, 2_048],
  ["@cf/pfnet/plamo-embedding-1b", 2_048, 4_096],
];

export const rerankModels: readonly string[] = ["@cf/baai/bge-reranker-base"];
