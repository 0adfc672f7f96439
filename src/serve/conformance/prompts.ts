import {
  type GetPromptResult,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { form } from "./asking-tools.ts";
import { png } from "./samples.ts";

type Answer = GetPromptResult | InputRequiredResult;
type Message = GetPromptResult["messages"][number];

interface FixturePrompt {
  readonly arguments?: readonly string[];
  readonly get: (args: Readonly<Record<string, string>>, context: ServerContext) => Answer;
}

const prompts: Readonly<Record<string, FixturePrompt>> = {
  test_simple_prompt: { get: () => ({ messages: [user("This is a simple prompt for testing.")] }) },
  test_prompt_with_arguments: {
    arguments: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => ({ messages: [user(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  },
  test_prompt_with_embedded_resource: {
    arguments: ["resourceUri"],
    get: ({ resourceUri = "" }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
          },
        },
        user("Please process the embedded resource above."),
      ],
    }),
  },
  test_prompt_with_image: {
    get: () => ({
      messages: [
        { role: "user", content: { type: "image", data: png, mimeType: "image/png" } },
        user("Please analyze the image above."),
      ],
    }),
  },
  test_input_required_result_prompt: {
    get: (_args, { mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, "user_context");
      if (answer.kind !== "missing") return { messages: [user(`Context: ${JSON.stringify(answer)}`)] };
      const ask = form("What context should the prompt use?", { context: { type: "string" } }, ["context"]);
      return inputRequired({ inputRequests: { user_context: ask } });
    },
  },
};

export function installPrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({
    prompts: Object.entries(prompts).map(([name, prompt]) => ({
      name,
      description: "A fixture of the MCP conformance suite",
      arguments: (prompt.arguments ?? []).map((argument) => ({ name: argument, required: true })),
    })),
  }));
  server.setRequestHandler("prompts/get", (request, context) => {
    const { name, arguments: args = {} } = request.params;
    if (!Object.hasOwn(prompts, name)) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no prompt ${name}`);
    }
    return prompts[name]?.get(args, context) ?? { messages: [] };
  });
  server.setRequestHandler("completion/complete", () => ({
    completion: { values: ["paris", "park", "party"], total: 3, hasMore: false },
  }));
}

function user(text: string): Message {
  return { role: "user", content: { type: "text", text } };
}
