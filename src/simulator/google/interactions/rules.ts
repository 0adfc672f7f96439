import { isBase64 } from "../../model/data-url.ts";
import { isSealOf } from "../../model/seal.ts";
import { sealedCall, thoughtSeal } from "../content-rules.ts";
import type { Block, Step } from "./request.ts";

/** What a thought step's signature is made over. */
export const thoughtOf = "thought";

/** What is wrong with the steps of a conversation, or null. `signed`: whether calls need their signatures back. */
export function stepsIssue(steps: readonly Step[], signed: boolean): string | null {
  const calls = new Map<string, string>();
  const current = steps.findLastIndex((step) => step.type === "user_input" && !step.content.every(isResult));
  let thought = false;
  for (const [index, step] of steps.entries()) {
    const at = `input[${index}]`;
    switch (step.type) {
      case "user_input": {
        thought = false;
        const issue = blocksIssue(step.content, at, calls);
        if (issue) return issue;
        break;
      }
      case "model_output": {
        const issue = blocksIssue(step.content, at, calls);
        if (issue) return issue;
        break;
      }
      case "thought":
        if (step.signature === undefined || !isSealOf(step.signature, thoughtSeal, thoughtOf)) {
          return `${at}.signature: thought signature is not valid`;
        }
        thought = true;
        break;
      case "function_call": {
        const { signature } = step;
        if (signature !== undefined && !isSealOf(signature, thoughtSeal, sealedCall(step.name, step.arguments))) {
          return `${at}.signature: thought signature is not valid`;
        }
        if (signed && index > current && !thought && signature === undefined) {
          return `${at}: function call ${step.name} is missing its thought signature`;
        }
        thought ||= signature !== undefined;
        calls.set(step.id, step.name);
        break;
      }
    }
  }
  const [open] = calls.keys();
  return open === undefined ? null : `input: function call ${open} has no function_result`;
}

function isResult(block: Block): boolean {
  return block.type === "function_result";
}

function blocksIssue(blocks: readonly Block[], at: string, calls: Map<string, string>): string | null {
  for (const [index, block] of blocks.entries()) {
    const path = `${at}.content[${index}]`;
    if (block.type === "text" && block.text === "") return `${path}.text: must not be empty`;
    if (block.type === "function_result") {
      if (!calls.delete(block.call_id)) return `${path}.call_id: no function call with id ${block.call_id}`;
      continue;
    }
    if (block.type === "text") continue;
    if ((block.data === undefined) === (block.uri === undefined))
      return `${path}: exactly one of data and uri is required`;
    if (block.data !== undefined && !isBase64(block.data)) return `${path}.data: Base64 decoding failed`;
  }
  return null;
}
