import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Connection, openWorld, type World } from "../support/world.ts";

const openai = "openai/gpt-5.4-mini";
let world: World;
let host: Connection;

beforeAll(async () => {
  world = await openWorld();
  host = await world.connect();
});
afterAll(() => world.close());

/** Whatever went wrong before, the server answers and holds nothing. */
async function expectHealthy(connection: Connection = host): Promise<void> {
  const answer = await connection.call("infer", { model: openai, prompt: "Are you well?" });
  expect(answer.isError, answer.text).toBe(false);
  expect((await connection.call("credits")).structured.held).toBe("0");
}

async function spent(connection: Connection = host): Promise<string> {
  return (await connection.call("credits")).structured.spent;
}

describe("bad input gets a clear error, costs nothing, and the next call works", () => {
  it("unknown model", async () => {
    const before = await spent();
    const { isError, text, structured } = await host.call("infer", { model: "openai/gpt-5.4-minni", prompt: "hi" });
    expect(isError).toBe(true);
    expect(text).toContain("not_found: ");
    expect(text).toContain(openai);
    expect(structured.error.code).toBe("not_found");
    expect(await spent()).toBe(before);
    await expectHealthy();
  });

  it("unknown tool argument", async () => {
    const { isError, text } = await host.call("infer", { model: openai, prompt: "hi", temprature: 1 });
    expect(isError).toBe(true);
    expect(text).toMatch(/invalid_request: .*temprature/);
    await expectHealthy();
  });

  it("unknown parameter of the task", async () => {
    const { isError, text } = await host.call("infer", { model: openai, prompt: "hi", params: { temprature: 1 } });
    expect(isError).toBe(true);
    expect(text).toContain("max_output_tokens, temperature");
  });

  it("both a prompt and messages, and neither", async () => {
    const messages = [{ role: "user", content: "hi" }];
    expect((await host.call("infer", { model: openai, prompt: "hi", messages })).text).toContain(
      "exactly one of prompt and messages",
    );
    expect((await host.call("infer", { model: openai })).text).toContain("exactly one of prompt and messages");
  });

  it("a model whose provider has no key", async () => {
    const { isError, text } = await host.call("infer", { model: "xai/grok-4.5", prompt: "hi" });
    expect(isError).toBe(true);
    expect(text).toMatch(/^(unauthenticated|unsupported): /);
    await expectHealthy();
  });

  it("a path outside the repository", async () => {
    for (const path of ["../escape.txt", "/etc/passwd", ".git/config", "a/../../b"]) {
      const { isError, text } = await host.call("artifact_commit", {
        repo: "paths",
        files: { [path]: "x" },
        message: "no",
      });
      expect(isError, path).toBe(true);
      expect(text, path).toContain("invalid_request: ");
    }
    await expectHealthy();
  });

  it("binary where text is expected comes back as base64, not as broken text", async () => {
    const bytes = Buffer.from([0, 255, 254, 128, 10, 13]);
    await host.call("artifact_commit", {
      repo: "binary",
      files: { "a.bin": { base64: bytes.toString("base64") } },
      message: "bytes",
    });
    const { structured } = await host.call("artifact_checkout", { repo: "binary", path: "a.bin" });
    expect(Buffer.from(structured.files["a.bin"].base64, "base64")).toEqual(bytes);
  });

  it("a program that never ends in the sandbox is a result, not a failure", async () => {
    const { isError, structured } = await host.call("sandbox_exec", { code: "while (true) {}", timeout_ms: 200 });
    expect(isError).toBe(false);
    expect(structured.status).toBe("timeout");
    await expectHealthy();
  });
});

describe("a provider's answer that is not UTF-8", () => {
  it("is an error that says so, or an answer without the broken bytes, and what was delivered is paid once", async () => {
    world.simulator.faults.script([{ provider: "openai", fault: { kind: "invalid_utf8" } }]);
    const before = await spent();
    const { isError, text, structured } = await host.call("infer", { model: openai, prompt: "say 20 words" });
    if (isError) expect(text).toMatch(/^(provider_error|provider_unavailable): /);
    else expect(structured.output.text.length).toBeGreaterThan(0);
    expect(Number(await spent()) - Number(before)).toBeLessThan(0.01);
    world.simulator.faults.clear();
    await expectHealthy();
  });
});

describe("a cancelled call", () => {
  it("stops the upstream call, releases its hold, and gets no answer", async () => {
    world.simulator.faults.script([{ provider: "openai", fault: { kind: "stall_before_headers" } }]);
    const cancel = new AbortController();
    const call = host.call("infer", { model: openai, prompt: "never answered" }, { signal: cancel.signal });
    await expect.poll(() => world.simulator.book.entries.at(-1)?.outcome, { timeout: 10_000 }).toBe("running");
    cancel.abort();
    await expect(call).rejects.toThrowError();
    await expect.poll(() => world.simulator.book.entries.at(-1)?.outcome, { timeout: 10_000 }).toBe("client_gone");
    await expect.poll(async () => (await host.call("credits")).structured.held, { timeout: 10_000 }).toBe("0");
    await expectHealthy();
  });
});

describe("an empty pool", () => {
  it("refuses with what is short and how to raise it, asks no provider, and works again after a grant", async () => {
    const poor = await openWorld({ initial_grant: "0" });
    try {
      const connection = await poor.connect();
      const { isError, text, structured } = await connection.call("infer", { model: openai, prompt: "hi" });
      expect(isError).toBe(true);
      expect(text).toContain("insufficient_credits: ");
      expect(text).toContain("switchyard credits grant");
      expect(structured.error.code).toBe("insufficient_credits");
      expect(poor.simulator.book.totals().requests).toBe(0);
    } finally {
      await poor.close();
    }
  });
});

describe("a killed process", () => {
  it("leaves the data directory whole: another process recalls, and the pool is not charged twice", async () => {
    const yard = await openWorld();
    const first = await yard.connect();
    await first.call("memory_remember", { content: "The depot closes at six." });
    await first.call("infer", { model: openai, prompt: "paid before the kill" });
    const before = await spent(first);
    yard.simulator.faults.script([{ provider: "openai", fault: { kind: "stall_mid_stream" } }]);
    void first.call("infer", { model: openai, prompt: "say 50 words" }).catch(() => undefined);
    await expect.poll(() => yard.simulator.book.entries.at(-1)?.outcome, { timeout: 10_000 }).toBe("running");
    process.kill(first.pid, "SIGKILL");
    const second = await yard.connect();
    expect(await spent(second)).toBe(before);
    expect(
      (await second.call("memory_recall", { query: "when does the depot close?" })).structured.memories[0].content,
    ).toContain("six");
    yard.simulator.faults.clear();
    const answer = await second.call("infer", { model: openai, prompt: "after the kill" });
    expect(answer.isError, answer.text).toBe(false);
    const { granted, available, held, spent: paid } = (await second.call("credits")).structured;
    expect(Number(available) + Number(held) + Number(paid)).toBeCloseTo(Number(granted), 9);
    await yard.close();
  });
});

describe("a message over the limit", () => {
  it("is answered with an error, and the connection lives on", async () => {
    const { serveLimits } = await import("../../src/core/limits.ts");
    const prompt = "x".repeat(serveLimits.stdioMessageBytesMax + 1);
    await expect(host.call("infer", { model: openai, prompt })).rejects.toThrowError(/too large|limit|bytes/i);
    await expectHealthy();
  });
});

describe("a broken settings file", () => {
  it("is named by line and field in the tool's error, and the next call works once it is mended", async () => {
    const broken = await openWorld({ nonsense: 1 });
    try {
      const connection = await broken.connect();
      const { isError, text } = await connection.call("credits");
      expect(isError).toBe(true);
      expect(text).toMatch(/settings\.json .*nonsense on line \d+/);
      await broken.writeSettings({});
      expect((await connection.call("credits")).isError).toBe(false);
    } finally {
      await broken.close();
    }
  });
});

describe("a host that hangs up", () => {
  it("ends the process", async () => {
    const connection = await world.connect();
    await connection.call("credits");
    const { pid } = connection;
    await connection.close();
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
