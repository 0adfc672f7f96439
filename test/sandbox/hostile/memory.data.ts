import { type HostileProgram, programs } from "./program.ts";

/** Taking memory, stack and room that belongs to others. */
const roomy = { args: { timeout_ms: 1_000, memory_mb: 8 } };

export const memoryPrograms: HostileProgram[] = [
  ...programs(
    ["memory", "error", "timeout"],
    {
      "arrays of numbers": "const a = []; for (;;) a.push(new Array(1e4).fill(a.length))",
      "arrays of objects": "const a = []; for (;;) a.push({ a: a.length, b: [a.length] })",
      "a linked list": "let a = null; for (;;) a = { a }",
      "a text that doubles": "let a = 'x'; for (;;) a += a",
      "a text that doubles, used": "let a = 'x'; for (;;) { a += a; a.charCodeAt(a.length - 1) }",
      "texts that differ": "const a = []; for (let i = 0; ; i++) a.push(('x' + i).repeat(1000))",
      buffers: "const a = []; for (;;) a.push(new ArrayBuffer(1e6))",
      "filled buffers": "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1))",
      "one huge buffer": "new ArrayBuffer(2 ** 33); for (;;);",
      "resizable buffers":
        "const b = new ArrayBuffer(1, { maxByteLength: 2 ** 30 }); b.resize(2 ** 30); new Uint8Array(b).fill(1); for (;;);",
      "a map": "const a = new Map(); for (let i = 0; ; i++) a.set(i, { i })",
      "a set of texts": "const a = new Set(); for (let i = 0; ; i++) a.add('key' + i)",
      symbols: "const a = []; for (;;) a.push(Symbol('x'.repeat(100)))",
      "registered symbols": "for (let i = 0; ; i++) Symbol.for('x'.repeat(100) + i)",
      closures: "const a = []; for (;;) { const b = new Array(100).fill(1); a.push(() => b) }",
      "functions made from text": "const a = []; for (let i = 0; ; i++) a.push(new Function('return ' + i))",
      "regular expressions": "const a = []; for (let i = 0; ; i++) a.push(new RegExp('a{' + (i % 100) + '}' + i))",
      "pending promises": "const a = []; for (;;) a.push(new Promise(() => {}).then(() => {}))",
      microtasks: "for (;;) Promise.resolve().then(() => {})",
      generators:
        "function* g() { yield new Array(1000) } const a = []; for (;;) { const i = g(); i.next(); a.push(i) }",
      "proxies in a chain": "let p = {}; for (;;) p = new Proxy(p, {})",
      "bound functions in a chain": "let f = () => {}; for (;;) f = f.bind(null)",
      "prototypes in a chain": "let o = {}; for (;;) o = Object.create(o)",
      "properties of one object": "const o = {}; for (let i = 0; ; i++) o['k' + i] = i",
      "properties of the global": "for (let i = 0; ; i++) globalThis['k' + i] = new Array(100).fill(i)",
      "errors with stacks": "const a = []; for (;;) a.push(new Error('x'))",
      "big integers": "const a = []; for (let i = 0; ; i++) a.push((1n << 500000n) + BigInt(i))",
      repeat: "'x'.repeat(2 ** 29).split(''); for (;;);",
      padding: "'x'.padEnd(2 ** 29, 'abc'); for (;;);",
      joins: "new Array(2 ** 24).join('x'.repeat(100)); for (;;);",
      "a JSON text that doubles": "let a = '1'; for (;;) a = JSON.stringify([a, a])",
      "structured clones": "let a = [1]; for (;;) a = [structuredClone(a), structuredClone(a)]",
      decompression: "const a = []; const z = fast.gzip(new Uint8Array(8e6)); for (;;) a.push(fast.gunzip(z))",
      "random bytes": "const a = []; for (;;) a.push(crypto.getRandomValues(new Uint8Array(65536)))",
      "CSV cells":
        "const t = ('a,'.repeat(100) + '\\n').repeat(5000); const a = []; for (;;) a.push(fast.parseCsv(t, { header: false }))",
      "decoded text":
        "const b = new Uint8Array(4e6).fill(65); const a = []; for (;;) a.push(new TextDecoder().decode(b))",
      "a catch that goes on":
        "const a = []; for (;;) try { for (;;) a.push(new Array(1e5).fill(1)) } catch { a.length = a.length >> 1 }",
      "memory while it is being cleaned":
        "const a = []; for (;;) { a.push(new Uint8Array(5e5)); if (a.length > 20) a.length = 0; if (a.length === 19) a.push(new Uint8Array(1e9)) }",
    },
    roomy,
  ),
  ...programs(
    ["error", "ok", "timeout"],
    {
      "plain recursion": "function f() { return 1 + f() } f()",
      "recursion that is caught": "function f() { try { return f() } catch { return 1 } } f()",
      "recursion in a getter": "const o = { get a() { return this.a } }; o.a",
      "recursion in a proxy": "const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x",
      "recursion in toString": "const o = { toString() { return String(o) } }; String(o)",
      "recursion in toJSON": "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)",
      "recursion in a comparator": "const f = () => [2, 1].sort(f); f()",
      "recursion in replace": "const f = () => 'a'.replace('a', f); f()",
      "recursion in a constructor": "class A { constructor() { new A() } } new A()",
      "recursion through eval": "const f = () => eval('f()'); f()",
      "recursion through Reflect.apply": "const f = () => Reflect.apply(f, null, []); f()",
      "recursion in an iterator": "const o = { *[Symbol.iterator]() { yield* o } }; [...o]",
      "buffers that shrink, detach and grow under what reads them":
        "const t = (f) => { try { f() } catch {} }; t(() => { const b = new ArrayBuffer(1e5, { maxByteLength: 1e7 }); new Uint8Array(b).with(0, { valueOf() { b.resize(0); return 1 } }) }); t(() => { const a = new Float64Array(1e4); a.sort(() => { a.buffer.transfer?.(); return -1 }) }); t(() => { const r = /a/gy; r.lastIndex = { valueOf() { r.compile('b{0,999}', 'g'); return 2 ** 31 } }; r.exec('aaa') }); t(() => { const g = (function* () { try { yield 1 } finally { g.next() } })(); g.next(); g.return() }); 1",
      "natives with hostile receivers and lengths":
        "const t = (f) => { try { f() } catch {} }; t(() => new TextDecoder().decode({ byteLength: 2 ** 40, buffer: {} })); t(() => fast.hmac('sha256', { length: 2 ** 31 }, 'x')); t(() => fast.gunzip(new Uint8Array(8e6))); t(() => new URL('http://' + 'a.'.repeat(1e5))); t(() => crypto.getRandomValues(new Uint8Array({ valueOf: () => 65536 }))); t(() => Uint8Array.fromHex('f'.repeat(1e6))); t(() => structuredClone(new Proxy([], { get: (_, k) => (k === 'length' ? 2 ** 32 : 1) }))); 1",
      "JSON nested deeply": "JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))",
      "JSON of what is nested deeply": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)",
      "a result that is nested deeply": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a",
      "a log that is nested deeply": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; console.log(a); 1",
      "a clone of what is nested deeply": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; structuredClone(a)",
      "flat without end": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity).length",
      "a regular expression nested deeply": "new RegExp('('.repeat(1e4) + ')'.repeat(1e4)).test('')",
      "async recursion": "const f = async (n) => n && (await f(n - 1)); await f(1e4); 1",
    },
    { args: { timeout_ms: 1_000 } },
  ),
];
