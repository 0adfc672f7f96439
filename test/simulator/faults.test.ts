import { describe, expect, test } from "vitest";
import type { FaultInput } from "../../src/simulator/faults/fault.ts";
import { faultPlan } from "../../src/simulator/faults/plan.ts";
import { type ProviderName, textProviderNames } from "../../src/simulator/provider.ts";
import { textRequest } from "./support/requests.ts";
import { post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

/** Sends one request for text under a fault. */
function askUnder(
  fault: FaultInput,
  provider: ProviderName,
  stream: boolean,
  prompt = "say 30 words",
  signal?: AbortSignal,
) {
  simulator().faults.script([{ fault }]);
  const { path, body } = textRequest(provider, prompt, stream);
  return post(simulator(), provider, path, body, {}, signal);
}

/** What could be read of a body, and whether it ended well. */
async function readAll(response: Response): Promise<{ text: string; bytes: Buffer; whole: boolean }> {
  const chunks: Uint8Array[] = [];
  let whole = true;
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    whole = false;
  }
  const bytes = Buffer.concat(chunks);
  return { text: bytes.toString("utf8"), bytes, whole };
}

const eventsIn = (text: string) => text.split(/\r?\n\r?\n/).filter((event) => event !== "").length;

async function lastEntry() {
  await simulator().book.idle();
  const entry = simulator().book.entries.at(-1);
  if (!entry) throw new Error("nothing in the book");
  return entry;
}

/** Where a provider's failures have another status than most. */
const otherStatus: Partial<Record<ProviderName, Partial<Record<FaultInput["kind"], number>>>> = {
  anthropic: { overloaded: 529 },
  google: { invalid_key: 400 },
  groq: { overloaded: 498 },
  xai: { invalid_key: 400 },
  alibaba: { quota_exhausted: 403 },
  bytedance: { overloaded: 429 },
  "workers-ai": { gateway_timeout: 408, overloaded: 429 },
};

/** What an error holds, whatever its shape. */
const errorShape = (provider: ProviderName, kind: string) => {
  if (provider === "workers-ai")
    return { success: false, errors: [{ code: expect.any(Number), message: expect.any(String) }] };
  if (provider === "xai" && kind !== "rate_limited") return { code: expect.any(String), error: expect.any(String) };
  return { error: { message: expect.any(String) } };
};

describe.each(textProviderNames)("%s under faults", (provider) => {
  const failures: readonly [FaultInput["kind"], number][] = [
    ["rate_limited", 429],
    ["quota_exhausted", 429],
    ["server_error", 500],
    ["bad_gateway", 502],
    ["unavailable", 503],
    ["gateway_timeout", 504],
    ["overloaded", 503],
    ["invalid_key", 401],
  ];
  test.each(failures)("answers %s (mostly %i) in the provider's own body, and bills nothing", async (kind, common) => {
    const status = otherStatus[provider]?.[kind] ?? common;
    const response = await askUnder({ kind } as FaultInput, provider, false);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(errorShape(provider, kind));
    expect(await lastEntry()).toMatchObject({ outcome: "failed", billed: {}, fault: kind });
  });

  test("refuses a connection by resetting it", async () => {
    await expect(askUnder({ kind: "refuse_connection" }, provider, true)).rejects.toThrow();
    expect(await lastEntry()).toMatchObject({ outcome: "failed", status: null, billed: {} });
  });

  test("loses an answer that it bills in full", async () => {
    await expect(askUnder({ kind: "lose_answer" }, provider, false)).rejects.toThrow();
    const entry = await lastEntry();
    expect(entry).toMatchObject({ outcome: "cut", fault: "lose_answer" });
    expect(entry.billed.outputTokens).toBeGreaterThan(30);
  });

  test("cuts a stream after the events it was told to, and bills what it had produced", async () => {
    const whole = await readAll(await askUnder({ kind: "none" }, provider, true));
    const full = await lastEntry();
    const cut = await readAll(await askUnder({ kind: "cut_mid_stream", afterEvents: 7 }, provider, true));
    const entry = await lastEntry();
    expect(whole.whole).toBe(true);
    expect(cut.whole).toBe(false);
    expect(eventsIn(cut.text)).toBe(7);
    expect(entry).toMatchObject({ outcome: "cut", eventsSent: 7 });
    expect(entry.billed.inputTokens).toBe(full.billed.inputTokens);
    expect(entry.billed.outputTokens).toBeGreaterThan(0);
    expect(entry.billed.outputTokens).toBeLessThan(full.billed.outputTokens ?? 0);
  });

  test("ends a stream as if it were whole before its usage", async () => {
    const { text, whole } = await readAll(await askUnder({ kind: "cut_before_usage", how: "end" }, provider, true));
    expect(whole).toBe(true);
    expect(text).not.toMatch(/message_stop|\[DONE\]|"finishReason":"STOP"/);
    expect(await lastEntry()).toMatchObject({ outcome: "cut" });
  });

  test.each([0, 5])("puts an error event into a stream after %i events", async (afterEvents) => {
    const response = await askUnder({ kind: "error_event", afterEvents }, provider, true);
    const { text, whole } = await readAll(response);
    expect(response.status).toBe(200);
    expect(whole).toBe(true);
    expect(eventsIn(text)).toBe(afterEvents + 1);
    const last =
      text
        .trimEnd()
        .split(/\r?\n\r?\n/)
        .at(-1) ?? "";
    expect(JSON.parse(last.slice(last.indexOf("data: ") + 6))).toMatchObject(errorShape(provider, "overloaded"));
    expect(await lastEntry()).toMatchObject({ outcome: "failed" });
  });

  test.each(["stall_before_headers", "stall_mid_stream"] as const)(
    "stands still at %s until the client goes",
    async (kind) => {
      const controller = new AbortController();
      const pending = askUnder({ kind }, provider, true, "say 30 words", controller.signal);
      if (kind === "stall_mid_stream") {
        const reader = (await pending).body?.getReader();
        expect(eventsIn(Buffer.from((await reader?.read())?.value ?? []).toString("utf8"))).toBe(2);
        controller.abort();
      } else {
        while (simulator().book.entries.length === 0) await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        await expect(pending).rejects.toThrow();
      }
      expect(await lastEntry()).toMatchObject({ outcome: "client_gone" });
    },
  );

  test("goes on after a stall with an end", async () => {
    const plain = await readAll(await askUnder({ kind: "none" }, provider, true));
    const stalled = await readAll(await askUnder({ kind: "stall_mid_stream", ms: 5 }, provider, true));
    expect(eventsIn(stalled.text)).toBe(eventsIn(plain.text));
    expect(await lastEntry()).toMatchObject({ outcome: "succeeded", fault: "stall_mid_stream" });
  });

  test("drips one event at a time", async () => {
    const { text } = await readAll(await askUnder({ kind: "slow_drip", chunkMs: 1 }, provider, true));
    expect(eventsIn(text)).toBeGreaterThan(30);
    expect(await lastEntry()).toMatchObject({ outcome: "succeeded" });
  });

  test("answers HTML, half a JSON document, and bytes that are not UTF-8", async () => {
    const html = await askUnder({ kind: "html" }, provider, false);
    expect([html.status, html.headers.get("content-type"), (await html.text()).slice(0, 9)]).toEqual([
      200,
      "text/html",
      "<!DOCTYPE",
    ]);
    const half = await (await askUnder({ kind: "truncated_json" }, provider, false)).text();
    expect(() => JSON.parse(half)).toThrow();
    for (const stream of [false, true]) {
      const { bytes } = await readAll(await askUnder({ kind: "invalid_utf8" }, provider, stream));
      expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow();
    }
    const typed = await askUnder({ kind: "wrong_content_type" }, provider, true);
    expect(typed.headers.get("content-type")).toBe("text/plain");
    await typed.text();
  });

  test("splits what it writes at any byte without changing it", async () => {
    const prompt = "say exactly: blåbærsyltetøy 🫐 ".repeat(4);
    const strip = (text: string) => text.replace(/"[^"]*sim1n[^"]*"/g, "").replace(/"created":\d+/g, "");
    const whole = await readAll(await askUnder({ kind: "none" }, provider, true, prompt));
    const split = await readAll(await askUnder({ kind: "split_writes", maxBytes: 3, seed: 7 }, provider, true, prompt));
    expect(strip(split.text)).toBe(strip(whole.text));
  });

  test("sends usage once more, or long before the end, and still ends well", async () => {
    const marks: Partial<Record<ProviderName, readonly [usage: string, firstContent: string]>> = {
      anthropic: ["event: message_delta", "text_delta"],
      google: ['"usageMetadata"', '"text":"said'],
      minimax: ['"usage":{', '"content":"<think>'],
    };
    const [usage, firstContent] = marks[provider] ?? ['"usage":{', '"content":"['];
    const under = async (kind: "none" | "usage_twice" | "usage_early") =>
      (await readAll(await askUnder({ kind }, provider, true, "said here"))).text;
    const count = (text: string) => text.split(usage).length - 1;
    const plain = await under("none");
    expect(count(await under("usage_twice"))).toBe(count(plain) + 1);
    const early = await under("usage_early");
    expect(early.indexOf(usage)).toBeGreaterThan(0);
    expect(early.indexOf(usage)).toBeLessThan(early.indexOf(firstContent));
    expect(await lastEntry()).toMatchObject({ outcome: "succeeded" });
  });

  test("knows that a client left in the middle, and how far it had come", async () => {
    simulator().latency.set({ chunkMs: 2 });
    const controller = new AbortController();
    const { path, body } = textRequest(provider, "say 500 words", true);
    const response = await post(simulator(), provider, path, body, {}, controller.signal);
    const reader = response.body?.getReader();
    for (let read = 0; read < 5; read += 1) await reader?.read();
    controller.abort();
    const entry = await lastEntry();
    expect(entry.outcome).toBe("client_gone");
    expect(entry.eventsSent).toBeGreaterThanOrEqual(5);
    expect(entry.billed.outputTokens).toBeLessThan(500);
  });
});

test("says when to come back in every spelling", async () => {
  const retryAfter = async (retry: "seconds" | "date" | "milliseconds" | "none") =>
    (await askUnder({ kind: "rate_limited", retry, afterMs: 90_000 }, "openai", false)).headers;
  expect((await retryAfter("seconds")).get("retry-after")).toBe("90");
  const date = Date.parse((await retryAfter("date")).get("retry-after") ?? "");
  expect(Math.abs(date - Date.now() - 90_000)).toBeLessThan(60_000);
  expect((await retryAfter("milliseconds")).get("retry-after-ms")).toBe("90000");
  expect((await retryAfter("none")).has("retry-after")).toBe(false);
});

describe("a fault plan", () => {
  const target = { provider: "openai", model: "gpt-4.1", path: "/chat/completions", key: "k" };

  test("gives each request the first rule that matches it, as often as the rule says", () => {
    const plan = faultPlan();
    plan.script([
      { fault: { kind: "server_error" }, provider: "anthropic" },
      { fault: { kind: "rate_limited" }, times: 2, model: "gpt-4.1" },
      { fault: { kind: "none" } },
      { fault: { kind: "overloaded" } },
    ]);
    const kinds = Array.from({ length: 5 }, () => plan.next(target)?.kind);
    expect(kinds).toEqual(["rate_limited", "rate_limited", "none", "overloaded", undefined]);
    expect(plan.pending).toBe(1);
    expect(plan.next({ ...target, provider: "anthropic" })?.kind).toBe("server_error");
  });

  test("draws the same faults from the same seed, about as often as it should", () => {
    const draw = (seed: number) => {
      const plan = faultPlan();
      plan.chance(
        [
          { fault: { kind: "server_error" }, probability: 0.2 },
          { fault: { kind: "html" }, probability: 0.1 },
        ],
        seed,
      );
      return Array.from({ length: 2_000 }, () => plan.next(target)?.kind ?? "none");
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    const share = draw(3).filter((kind) => kind === "server_error").length / 2_000;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  });

  test("refuses a script with more rules than it holds, and keeps what it has", () => {
    const plan = faultPlan();
    plan.script(Array.from({ length: 10_000 }, () => ({ fault: { kind: "none" as const } })));
    expect(() => plan.script([{ fault: { kind: "none" } }])).toThrow(/at most 10000 rules/);
    expect(plan.pending).toBe(10_000);
  });
});
