import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequests,
  inputRequired,
  inputResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { FixtureResult, FixtureTool } from "./fixture-tool.ts";
import { text } from "./samples.ts";

/** Tools that ask the client for something: what the user says, what a model says, which roots there are. */
export const askingTools: readonly FixtureTool[] = [
  {
    name: "test_sampling",
    properties: { prompt: { type: "string" } },
    call: (args, context) => ask(context, "answer", sample(String(args.prompt), 100), "LLM response"),
  },
  { name: "test_missing_capability", call: (_args, context) => ask(context, "answer", sample("Hello", 10), "Answer") },
  {
    name: "test_elicitation",
    properties: { message: { type: "string" } },
    call: (args, context) => {
      const properties = {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" },
      } as const;
      return ask(context, "user", form(String(args.message), properties, ["username", "email"]), "User response");
    },
  },
  {
    name: "test_elicitation_sep1034_defaults",
    call: (_args, context) => ask(context, "user", form("Defaults", withDefaults), "Elicitation completed"),
  },
  {
    name: "test_elicitation_sep1330_enums",
    call: (_args, context) => ask(context, "user", form("Enums", enums), "Elicitation completed"),
  },
  {
    name: "test_streaming_elicitation",
    call: (_args, context) => ask(context, "user", form("Anything?", { said: { type: "string" } }), "Said"),
  },
  {
    name: "test_input_required_result_elicitation",
    call: (_args, context) => ask(context, "user_name", askName, "Hello"),
  },
  {
    name: "test_input_required_result_sampling",
    call: (_args, context) => {
      return ask(context, "capital_question", sample("What is the capital of France?", 100), "Answer");
    },
  },
  {
    name: "test_input_required_result_list_roots",
    call: (_args, context) => ask(context, "client_roots", inputRequired.listRoots(), "Roots"),
  },
  {
    name: "test_input_required_result_capabilities",
    async call(_args, { mcpReq }) {
      const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
      const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
      return inputRequired({
        inputRequests: {
          ...(declared?.elicitation === undefined ? {} : { user_name: askName }),
          ...(declared?.sampling === undefined ? {} : { greeting: sample("Say hello", 50) }),
        },
      });
    },
  },
];

type Ask = InputRequests[string];
type Form = Extract<Parameters<typeof inputRequired.elicit>[0], { requestedSchema: unknown }>["requestedSchema"];

export function form(message: string, properties: Readonly<Record<string, object>>, required?: string[]): Ask {
  const requestedSchema = { type: "object", properties, ...(required === undefined ? {} : { required }) };
  return inputRequired.elicit({ message, requestedSchema: requestedSchema as Form });
}

export function sample(prompt: string, maxTokens: number): Ask {
  const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }];
  return inputRequired.createMessage({ messages, maxTokens });
}

export const askName = form("What is your name?", { name: { type: "string" } }, ["name"]);

/** Asks until the client has answered under `key`, then says what it answered. */
async function ask(context: ServerContext, key: string, request: Ask, label: string): Promise<FixtureResult> {
  const answer = inputResponse(context.mcpReq.inputResponses, key);
  if (answer.kind === "missing") return inputRequired({ inputRequests: { [key]: request } });
  return text(`${label}: ${JSON.stringify(answer)}`);
}

const withDefaults = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const titled = (noun: string) => [
  { const: "value1", title: `First ${noun}` },
  { const: "value2", title: `Second ${noun}` },
  { const: "value3", title: `Third ${noun}` },
];

const enums = {
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: titled("Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
  titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
};
