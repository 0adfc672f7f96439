import { createHash, createHmac } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import { realSandbox, runCode } from "../support/sandbox.ts";

const sandbox = realSandbox({ workers: 1 });
afterAll(() => sandbox.close());

async function resultOf(code: string, input?: Json) {
  const { error, result } = await runCode(sandbox, code, { input });
  expect(error).toBeUndefined();
  return result;
}

describe("text and bytes", () => {
  const texts = ["", "plain", "ü€😀", "a\u0000b", "\ud800 alone", "x".repeat(100_000)];
  test("TextEncoder and TextDecoder are Node's own, byte for byte", async () => {
    for (const text of texts) {
      const expected = [...new TextEncoder().encode(text.slice(0, 1_000))];
      expect(await resultOf("[...new TextEncoder().encode(input.slice(0, 1000))]", text)).toEqual(expected);
      expect(await resultOf("new TextDecoder().decode(new TextEncoder().encode(input))", text)).toBe(
        new TextDecoder().decode(new TextEncoder().encode(text)),
      );
    }
  });
  test("a decoder holds a character that is cut in two", async () => {
    const code = `const d = new TextDecoder(); const b = new TextEncoder().encode("a😀b");
      let out = ""; for (const byte of b) out += d.decode(new Uint8Array([byte]), { stream: true }); out + d.decode()`;
    expect(await resultOf(code)).toBe("a😀b");
  });
  test("a decoder can be strict, and refuses encodings it does not know", async () => {
    const fails = (code: string) => `try { ${code}; "no error" } catch (e) { e.name }`;
    expect(await resultOf(fails('new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))'))).toBe(
      "TypeError",
    );
    expect(await resultOf(fails('new TextDecoder("klingon")'))).toBe("TypeError");
  });
  test("base64 and hexadecimal go both ways", async () => {
    expect(await resultOf('[btoa("hé"), atob("aOk="), btoa("\\u0000\\xff")]')).toEqual([
      btoa("hé"),
      "hé",
      btoa("\u0000\xff"),
    ]);
    expect(await resultOf("new Uint8Array([251, 255, 254]).toBase64()")).toBe("+//+");
    expect(await resultOf('new Uint8Array([251, 255, 254]).toBase64({ alphabet: "base64url" })')).toBe("-__-");
    expect(await resultOf('[...Uint8Array.fromBase64("+//+"), ...Uint8Array.fromHex("00ff")]')).toEqual([
      251, 255, 254, 0, 255,
    ]);
    expect(await resultOf("new Uint8Array([0, 255]).toHex()")).toBe("00ff");
    expect(await resultOf('try { atob("not base64!") } catch (e) { e.message }')).toBe("this is not base64");
    expect(await resultOf('try { btoa("€") } catch (e) { e.name }')).toBe("TypeError");
  });
  test("what is past the size of one native call is refused", async () => {
    const code = `try { new TextDecoder().decode(new Uint8Array(${sandboxLimits.nativeBytesMax + 1})) } catch (e) { e.message }`;
    expect(await resultOf(code)).toContain(`${sandboxLimits.nativeBytesMax}`);
  });
});

describe("URL", () => {
  test("is parsed, resolved and changed as the standard says", async () => {
    const code = `const u = new URL("../b?x=1#h", "https://me:pw@Example.COM:8443/a/c/");
      u.searchParams.append("y", "a b"); u.hash = ""; u.port = "443";
      [u.href, u.origin, u.host, u.pathname, u.search, u.username, String(u), JSON.stringify({ u })]`;
    const url = new URL("../b?x=1#h", "https://me:pw@Example.COM:8443/a/c/");
    url.searchParams.append("y", "a b");
    url.hash = "";
    url.port = "443";
    const { href, origin, host, pathname, search, username } = url;
    expect(await resultOf(code)).toEqual([
      href,
      origin,
      host,
      pathname,
      search,
      username,
      String(url),
      JSON.stringify({ u: url }),
    ]);
  });
  test("that is not one throws", async () => {
    expect(
      await resultOf('try { new URL("nope") } catch (e) { [e.name, URL.canParse("nope"), URL.canParse("a:b")] }'),
    ).toEqual(["TypeError", false, true]);
  });
  test("parameters can be read, changed and walked", async () => {
    const code = `const p = new URLSearchParams("b=2&a=1&a=%20x+y");
      p.set("b", "3"); p.append("c", "ü&="); p.delete("a", "1"); p.sort();
      [p.toString(), p.get("a"), p.getAll("a"), p.has("z"), [...p.keys()], p.size, String(new URLSearchParams({ q: 1 }))]`;
    expect(await resultOf(code)).toEqual([
      "a=+x+y&b=3&c=%C3%BC%26%3D",
      " x y",
      [" x y"],
      false,
      ["a", "b", "c"],
      3,
      "q=1",
    ]);
  });
});

describe("crypto", () => {
  test("digests as Node does", async () => {
    const code = `const d = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(input));
      [new Uint8Array(d).toHex(), fast.hash("sha512", input), fast.hmac("sha256", "key", input)]`;
    expect(await resultOf(code, "ü")).toEqual([
      createHash("sha256").update("ü").digest("hex"),
      createHash("sha512").update("ü").digest("hex"),
      createHmac("sha256", "key").update("ü").digest("hex"),
    ]);
  });
  test("gives random bytes and UUIDs that differ", async () => {
    const code = `[crypto.randomUUID(), crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(32))].some((b) => b > 0)]`;
    const [first, second, isFilled] = (await resultOf(code)) as [string, string, boolean];
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first).not.toBe(second);
    expect(isFilled).toBe(true);
    expect(await resultOf("try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { e.name }")).toBe(
      "TypeError",
    );
  });
});

describe("structuredClone", () => {
  test("copies data, circles and what is shared", async () => {
    const code = `const shared = { n: 1 };
      const a = { d: new Date(5), r: /x/gi, m: new Map([[shared, new Set([shared])]]), t: new Uint16Array([1, 2]), s: shared, e: new RangeError("far") };
      a.self = a;
      const b = structuredClone(a);
      [b !== a, b.self === b, b.s !== shared, [...b.m.keys()][0] === b.s, b.d.getTime(), String(b.r), [...b.t], b.e.name, b.e.message]`;
    expect(await resultOf(code)).toEqual([true, true, true, true, 5, "/x/gi", [1, 2], "RangeError", "far"]);
  });
  test("refuses functions", async () => {
    expect(await resultOf("try { structuredClone({ f() {} }) } catch (e) { e.name }")).toBe("DataCloneError");
  });
});

describe("fast", () => {
  test("reads and writes CSV", async () => {
    const text = 'name,note\r\n"Ann ""A""","line one\nline two"\nBob,\n';
    expect(await resultOf("fast.parseCsv(input)", text)).toEqual([
      { name: 'Ann "A"', note: "line one\nline two" },
      { name: "Bob", note: "" },
    ]);
    expect(await resultOf("fast.parseCsv(input, { header: false, separator: ';' })", "a;b\nc;")).toEqual([
      ["a", "b"],
      ["c", ""],
    ]);
    expect(await resultOf("fast.parseCsv(fast.formatCsv(fast.parseCsv(input)))", text)).toEqual(
      await resultOf("fast.parseCsv(input)", text),
    );
    expect(await resultOf("try { fast.parseCsv('\"open') } catch (e) { e.message }")).toContain("not closed");
  });
  test("compares lines with the fewest changes", async () => {
    const before = "a\nb\nc\nd\ne";
    const after = "a\nx\nc\nd\nf\ne";
    expect(await resultOf("fast.diffLines(input[0], input[1])", [before, after])).toEqual([
      { op: "same", lines: ["a"] },
      { op: "removed", lines: ["b"] },
      { op: "added", lines: ["x"] },
      { op: "same", lines: ["c", "d"] },
      { op: "added", lines: ["f"] },
      { op: "same", lines: ["e"] },
    ]);
  });
  test("compresses and decompresses, and refuses a bomb", async () => {
    const base64 = (await resultOf('fast.gzip("x".repeat(1000)).toBase64()')) as string;
    expect(gunzipSync(Buffer.from(base64, "base64")).toString()).toBe("x".repeat(1_000));
    expect(await resultOf('new TextDecoder().decode(fast.gunzip(fast.gzip("ü")))')).toBe("ü");
    const bomb = `let b = fast.gzip(new Uint8Array(8e6)); b = fast.gzip(b);
      try { fast.gunzip(fast.gzip(new Uint8Array(${sandboxLimits.nativeBytesMax})).slice(0, -1)) } catch (e) { e.name }`;
    expect(await resultOf(bomb)).toBe("TypeError");
  });
});

test("queueMicrotask, intervals and clearing work as elsewhere", async () => {
  const code = `const seen = [];
    const never = setTimeout(() => seen.push("never"), 1); clearTimeout(never);
    const every = setInterval(() => { seen.push("every"); if (seen.filter((s) => s === "every").length === 2) clearInterval(every) }, 1);
    queueMicrotask(() => seen.push("micro")); seen.push("sync");
    await new Promise((r) => setTimeout((a, b) => r(seen.push(a + b)), 30, "ar", "gs")); seen`;
  // With a seed, timers fire in their order however slow the machine is.
  const { result } = await runCode(sandbox, code, { seed: 1 });
  expect(result).toEqual(["sync", "micro", "every", "every", "args"]);
});
