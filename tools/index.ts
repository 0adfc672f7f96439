import type { Tool } from "../src/tool.ts";
import { artifactCheckout } from "./artifact.checkout.ts";
import { artifactCommit } from "./artifact.commit.ts";
import { artifactDiff } from "./artifact.diff.ts";
import { artifactFork } from "./artifact.fork.ts";
import { artifactList } from "./artifact.list.ts";
import { artifactLog } from "./artifact.log.ts";
import { artifactMerge } from "./artifact.merge.ts";
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
  artifactDiff,
  artifactFork,
  artifactMerge,
  artifactList,
] as readonly Tool[];
