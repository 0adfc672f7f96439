import type { Tool } from "../src/tool.ts";
import { artifactCheckout } from "./artifact.checkout.ts";
import { artifactCommit } from "./artifact.commit.ts";
import { artifactLog } from "./artifact.log.ts";
import { creditsTool } from "./credits.ts";
import { inferResultById } from "./infer.result.ts";
import { infer } from "./infer.ts";
import { memoryForget } from "./memory.forget.ts";
import { memoryList } from "./memory.list.ts";
import { memoryRecall } from "./memory.recall.ts";
import { memoryRemember } from "./memory.remember.ts";
import { models } from "./models.ts";
import { sandboxExec } from "./sandbox.exec.ts";

/** Every tool, in the order hosts list them. */
export const tools: readonly Tool[] = [
  infer,
  inferResultById,
  models,
  creditsTool,
  memoryRemember,
  memoryRecall,
  memoryForget,
  memoryList,
  sandboxExec,
  artifactCommit,
  artifactCheckout,
  artifactLog,
] as readonly Tool[];
