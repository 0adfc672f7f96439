import { type HostileProgram, programs } from "./program.ts";

/** Flooding who reads: results, errors, logs, host calls and timers. */
export const outputPrograms: HostileProgram[] = [
  ...programs(
    ["ok", "memory", "error", "timeout"],
    {
      "a result of 40 MB": "'x'.repeat(4e7)",
      "a result of a million numbers": "Array.from({ length: 1e6 }, (_, i) => i)",
      "a result of as many names as fit": "Object.fromEntries(Array.from({ length: 70000 }, (_, i) => ['k' + i, i]))",
      "a result of as many objects as fit": "Array(300000).fill({})",
      "a result of as many shapes as fit":
        "Array.from({ length: 20000 }, (_, i) => ({ ['q' + i]: { ['r' + i * 7]: i } }))",
      "arguments of as many shapes as fit":
        "await AI.run(Array.from({ length: 20000 }, (_, i) => ({ ['q' + i]: { ['r' + i * 7]: i } }))).catch(() => {}); 1",
      "a result that doubles when it is escaped": "'\\u0001'.repeat(1e6)",
      "a result of quotes": "'\"'.repeat(1e6)",
      "a result of lone surrogates": "'\\ud800'.repeat(3e5)",
      "a toJSON that grows": "({ toJSON() { return 'x'.repeat(3e7) } })",
      "an error's message of 40 MB": "throw new Error('x'.repeat(4e7))",
      "an error's name of 40 MB": "const e = new Error('x'); e.name = 'x'.repeat(4e7); throw e",
      "an error's stack of 40 MB":
        "const e = new Error('x'); Object.defineProperty(e, 'stack', { value: 'x'.repeat(4e7) }); throw e",
      "an error's code of 40 MB": "const e = new Error('x'); e.code = 'x'.repeat(4e7); throw e",
      "a thrown text of 40 MB": "throw 'x'.repeat(4e7)",
      "a thrown object of 40 MB": "throw { a: 'x'.repeat(4e7) }",
      "a log line of 40 MB": "console.log('x'.repeat(4e7)); 1",
      "a million log lines": "for (let i = 0; i < 1e6; i++) console.log(i); 1",
      "log lines of nothing": "for (let i = 0; i < 1e6; i++) console.log(); 1",
      "a log of a million properties": "const o = {}; for (let i = 0; i < 1e5; i++) o['k' + i] = i; console.log(o); 1",
      "a log with a hostile length": "console.log({ __proto__: Array.prototype, length: 2 ** 53 }); 1",
      "a log of hostile entries":
        "const m = new Map(); m.forEach = function () { for (let i = 0; i < 1e5; i++) arguments[0](i, i) }; console.log(m); 1",
      "groups nested without end": "for (let i = 0; i < 1e5; i++) console.group(); console.log('x'); 1",
      "counters without end": "for (let i = 0; i < 1e5; i++) console.count('k' + i); 1",
      "calls past their number":
        "const all = []; for (let i = 0; i < 5000; i++) all.push(AI.run(i).catch(() => {})); await Promise.all(all); 1",
      "calls with large arguments":
        "const all = []; for (let i = 0; i < 40; i++) all.push(AI.run('x'.repeat(9e5)).catch(() => {})); await Promise.all(all); 1",
      "calls that wait with all that they may hold":
        "const big = 'x'.repeat(1e6 - 100); for (let i = 0; i < 1000; i++) AI.run('hang', big).catch(() => {}); await new Promise(() => {})",
      "calls given up before their turn":
        "for (let i = 0; i < 900; i++) { const s = AI.run('hang', 'x'.repeat(1e4), { stream: true }); s.result.catch(() => {}); const it = s[Symbol.asyncIterator](); it.next().catch(() => {}); it.return().catch(() => {}) } 1",
      "calls with arguments that are too large": "await AI.run('x'.repeat(5e6)).catch(() => {}); 1",
      "calls to what does not answer": "for (let i = 0; i < 2000; i++) AI.run('hang').catch(() => {}); 1",
      "calls cancelled at once":
        "for (let i = 0; i < 500; i++) { const s = AI.run('hang', {}, { stream: true }); const it = s[Symbol.asyncIterator](); it.next().catch(() => {}); it.return?.().catch?.(() => {}); s.result.catch(() => {}) } 1",
      "timers past their number": "try { for (;;) setTimeout(() => {}, 1e6) } catch {} 1",
      "timers with absurd times":
        "for (const t of [NaN, -1, Infinity, 1e300, 'x', null, {}, 2 ** 31, 2 ** 53]) setTimeout(() => {}, t); 1",
      "timers cleared by wrong ids":
        "for (const t of [NaN, -1, Infinity, 'x', null, {}, 2 ** 53, '__proto__']) { clearTimeout(t); clearInterval(t) } 1",
      "imports without end": "for (let i = 0; i < 2000; i++) import('./m' + i + '.js').catch(() => {}); 1",
      "imports of names without end":
        "for (let i = 0; i < 2000; i++) await import('./' + 'x'.repeat(1e6) + i).catch(() => {}); 1",
      "a tree of modules that import one another": "try { await import('./a.js') } catch {} 1",
    },
    {
      args: {
        timeout_ms: 5_000,
        files: {
          "a.js": "import './b.js'; export const a = 1;",
          "b.js": "import './a.js'; import './c.js';",
          "c.js": "import './c.js'; throw 1",
        },
      },
    },
  ),
];
