import { createHash } from "node:crypto";
import type { Caller } from "../core/caller.ts";
import { canonicalJson } from "../core/json.ts";
import type { InferArgs } from "./request.ts";

/**
 * Names the conversation that a call is part of: its caller, its system text and how it began. Every later turn of it
 * has the same name, so that it can be sent where its beginning is cached.
 */
export function conversationOf({ system, prompt, messages }: InferArgs, caller: Caller): string {
  const beginning = messages?.findIndex(({ role }) => role === "user") ?? -1;
  const named = canonicalJson([caller.workspace, system, prompt, messages?.slice(0, beginning + 1)]);
  return createHash("sha256").update(named).digest("hex");
}
