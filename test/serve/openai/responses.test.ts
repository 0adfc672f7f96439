import OpenAI, { APIError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

function client(): OpenAI {
  return new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "key-all", maxRetries: 0 });
}

const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: "function",
    name: "get_weather",
    strict: false,
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
  { type: "function", name: "now", strict: false, parameters: { type: "object", properties: {} } },
];

describe.each(["openai/gpt-5.4-mini", "anthropic/claude-sonnet-5", "google/gemini-3.5-flash"])("asking %s", (model) => {
  test("gets an answer, its usage and its cost", async () => {
    const made = await client().responses.create({ model, instructions: "Be terse.", input: "Hello there" });
    expect(made).toMatchObject({ object: "response", status: "completed", model });
    expect(made.output_text).toBe(`[simulated ${model}] Hello there`);
    expect(made.usage?.total_tokens).toBe((made.usage?.input_tokens ?? 0) + (made.usage?.output_tokens ?? 0));
    expect(made).toMatchObject({ switchyard: { cost: { total: expect.stringMatching(/^0\.\d+/) } } });
  });

  test("streams the same answer, every event in its order", async () => {
    const asked = { model, input: "say 40 words" };
    const whole = await client().responses.create(asked);
    const stream = client().responses.stream(asked);
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
    }
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(whole.output_text);
    expect(final.usage).toEqual(whole.usage);
    expect(types.slice(0, 2)).toEqual(["response.created", "response.in_progress"]);
    expect(types.at(-1)).toBe("response.completed");
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(types.filter((type) => type === "response.output_text.delta").length).toBeGreaterThan(5);
  });

  test("goes through a tool loop with parallel calls, streamed and not, reasoning returned unchanged", async () => {
    const question = { role: "user" as const, content: 'think, then call get_weather {"city":"Oslo"} and call now' };
    const asked = { model, tools, reasoning: { effort: "low" as const, summary: "auto" as const } };
    const answers = [
      await client().responses.create({ ...asked, input: [question] }),
      await client()
        .responses.stream({ ...asked, input: [question] })
        .finalResponse(),
    ];
    for (const answer of answers) {
      const calls = answer.output.flatMap((item) => (item.type === "function_call" ? [item] : []));
      expect(calls.map(({ name, arguments: args }) => [name, JSON.parse(args)])).toEqual([
        ["get_weather", { city: "Oslo" }],
        ["now", {}],
      ]);
      const results = calls.map(({ call_id }) => ({
        type: "function_call_output" as const,
        call_id,
        output: "12 degrees",
      }));
      // The simulators refuse reasoning that was changed or left out where the provider does.
      const input = [question, ...answer.output, ...results] as OpenAI.Responses.ResponseInput;
      const next = await client().responses.create({ ...asked, input });
      expect(next.output_text).toContain("12 degrees");
    }
    const items = (answer: OpenAI.Responses.Response | undefined) => answer?.output.map(({ type }) => type);
    expect(items(answers[0])).toEqual(items(answers[1]));
  });

  test("gets JSON by a schema, and is told when the answer was cut", async () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
      additionalProperties: false,
    };
    const made = await client().responses.create({
      model,
      input: "A city",
      text: { format: { type: "json_schema", name: "city", schema } },
    });
    expect(JSON.parse(made.output_text)).toEqual({ name: expect.any(String) });
    const cut = await client().responses.create({ model, input: "say 500 words", max_output_tokens: 40 });
    expect(cut).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  });
});

test("what a provider wants to see again with a call is kept by a client that knows only ids", async () => {
  const question = { role: "user" as const, content: 'call get_weather {"city":"Oslo"}' };
  const asked = { model: "google/gemini-3.5-flash", tools };
  const first = await client().responses.create({ ...asked, input: [question] });
  const [call] = first.output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  if (call === undefined) throw new Error("no call");
  // Only the members OpenAI documents, as a strict client would rebuild them.
  const { type, call_id, name, arguments: args } = call;
  const result = { type: "function_call_output" as const, call_id, output: "12 degrees" };
  await client().responses.create({ ...asked, input: [question, { type, call_id, name, arguments: args }, result] });
  const [, secondRequest] = world.simulator.book.bodies("google").slice(-2);
  const sent = JSON.stringify(secondRequest);
  expect(sent).toContain('"thoughtSignature"');
  expect(sent).not.toContain("skip_thought_signature");
  expect(sent).not.toContain("_swy_");
});

test("state that is not kept is refused, not forgotten", async () => {
  const asked = client().responses.create({ model: "gpt-5.4-mini", input: "Hi", previous_response_id: "resp_1" });
  await expect(asked).rejects.toMatchObject({ status: 400, param: "previous_response_id" });
  const web = client().responses.create({ model: "gpt-5.4-mini", input: "Hi", tools: [{ type: "web_search" }] });
  await expect(web).rejects.toMatchObject({ status: 400, param: "tools[0]" });
});

test("a provider that breaks off in mid-answer ends the response as failed, after what was said", async () => {
  world.simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents: 14 } }]);
  const stream = await client().responses.create({
    model: "anthropic/claude-haiku-4-5",
    input: "say 60 words",
    stream: true,
  });
  let said = "";
  let last: OpenAI.Responses.ResponseStreamEvent | undefined;
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") said += event.delta;
    last = event;
  }
  expect(said).toContain("simulated");
  expect(last).toMatchObject({
    type: "response.failed",
    response: { status: "failed", error: { code: expect.any(String) } },
  });
});

test("an error is the SDK's own class", async () => {
  const error = await client()
    .responses.create({ model: "openai/none", input: "Hi" })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ status: 404, code: "not_found" });
});
