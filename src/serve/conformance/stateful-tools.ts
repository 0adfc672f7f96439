import { inputRequired, inputResponse } from "@modelcontextprotocol/server";
import { askName, form, sample } from "./asking-tools.ts";
import type { FixtureTool } from "./fixture-tool.ts";
import { text } from "./samples.ts";

/** Tools whose rounds are tied together by a state that the client carries and cannot forge. */
export function statefulTools(mint: (payload: string) => Promise<string>): readonly FixtureTool[] {
  const confirm = form("Please confirm", { ok: { type: "boolean" } }, ["ok"]);
  const confirming = (name: string): FixtureTool => ({
    name,
    async call(_args, { mcpReq }) {
      const isAnswered = inputResponse(mcpReq.inputResponses, "confirm").kind !== "missing";
      if (isAnswered && mcpReq.requestState<string>() === "asked") return text("state-ok");
      return inputRequired({ inputRequests: { confirm }, requestState: await mint("asked") });
    },
  });
  return [
    confirming("test_input_required_result_request_state"),
    confirming("test_input_required_result_tampered_state"),
    {
      name: "test_input_required_result_multiple_inputs",
      async call(_args, { mcpReq }) {
        const keys = ["user_name", "greeting", "client_roots"];
        const answered = keys.every((key) => inputResponse(mcpReq.inputResponses, key).kind !== "missing");
        if (answered && mcpReq.requestState<string>() === "asked") return text("All three were answered");
        return inputRequired({
          inputRequests: {
            user_name: askName,
            greeting: sample("Generate a greeting", 50),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await mint("asked"),
        });
      },
    },
    {
      name: "test_input_required_result_multi_round",
      async call(_args, { mcpReq }) {
        const state = mcpReq.requestState<string>();
        const has = (key: string) => inputResponse(mcpReq.inputResponses, key).kind !== "missing";
        if (state === "step2" && has("step2")) return text("Both steps were answered");
        if (state === "step1" && has("step1")) {
          const step2 = form("Step 2: What is your favorite color?", { color: { type: "string" } }, ["color"]);
          return inputRequired({ inputRequests: { step2 }, requestState: await mint("step2") });
        }
        const step1 = form("Step 1: What is your name?", { name: { type: "string" } }, ["name"]);
        return inputRequired({ inputRequests: { step1 }, requestState: await mint("step1") });
      },
    },
  ];
}
