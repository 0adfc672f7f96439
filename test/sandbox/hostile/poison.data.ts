import { type HostileProgram, programs } from "./program.ts";

/** Leaving something behind for the next program, and confusing what reads this one. */
export const poisonPrograms: HostileProgram[] = [
  ...programs(
    ["ok", "error", "timeout"],
    {
      "every method of every built-in":
        "for (const n of Object.getOwnPropertyNames(globalThis)) { const o = globalThis[n]; for (const t of [o, o?.prototype]) if (t && (typeof t === 'object' || typeof t === 'function') && t !== globalThis) for (const k of Reflect.ownKeys(t)) try { t[k] = () => 'poison' } catch {} } 1",
      "every global deleted":
        "for (const n of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[n] } catch {} 1",
      "every built-in frozen":
        "for (const n of Object.getOwnPropertyNames(globalThis)) { const o = globalThis[n]; try { Object.freeze(o); Object.freeze(o?.prototype) } catch {} } 1",
      "the global frozen": "Object.freeze(globalThis); Object.preventExtensions(Object.prototype); 1",
      "Object.prototype with everything":
        "for (const k of ['then', 'toJSON', 'value', 'get', 'set', 'status', 'result', 'default', 'constructor']) Object.defineProperty(Object.prototype, k, { configurable: true, get() { return 'poison' } }); 1",
      "a then on every object": "Object.prototype.then = function (f) { f('poison') }; ({ a: 1 })",
      "Promise.prototype.then": "Promise.prototype.then = function (f) { f('poison'); return this }; await 1; 5",
      "Promise's constructor":
        "Promise.prototype.constructor = class { constructor() { throw 1 } }; await AI.run('m'); 5",
      "Promise.resolve": "Promise.resolve = () => { throw 1 }; globalThis.Promise = null; await AI.run('m'); 5",
      JSON: "JSON.stringify = () => 'poison'; JSON.parse = () => 'poison'; await AI.run({ a: 1 })",
      "Array.prototype":
        "Array.prototype.push = Array.prototype.slice = Array.prototype.map = () => { throw 1 }; console.log([1]); 5",
      "Symbol.iterator":
        "delete Array.prototype[Symbol.iterator]; Array.prototype[Symbol.iterator] = function* () { yield 'poison' }; console.log([1]); 5",
      "String.prototype":
        "String.prototype.slice = String.prototype.indexOf = () => 'poison'; console.log('a'); 'result'",
      "Map.prototype": "Map.prototype.get = Map.prototype.set = () => { throw 1 }; structuredClone({ a: 1 })",
      Error: "globalThis.Error = class { constructor() { throw 1 } }; Error.prototype = null; await AI.run('fail')",
      "Error.stackTraceLimit":
        "Error.stackTraceLimit = Infinity; Error.prepareStackTrace = () => 'x'.repeat(1e6); null.x",
      "Function.prototype":
        "Function.prototype.call = Function.prototype.apply = () => 'poison'; setTimeout(() => {}, 1); await new Promise((r) => setTimeout(r, 2)); 5",
      "Math.random": "Math.random = () => 4; Math.floor = () => 'poison'; [Math.random()]",
      Date: "Date.now = () => 0; globalThis.Date = null; console.time('a'); console.timeEnd('a'); 5",
      "console and input": "globalThis.console = null; globalThis.input = 'poison'; 5",
      "the bindings":
        "globalThis.AI = { run: () => 'poison' }; Object.defineProperty(globalThis, 'memory', { value: 'poison' }); AI.run()",
      "ArrayBuffer and views":
        "Uint8Array.prototype.set = () => { throw 1 }; ArrayBuffer.prototype.slice = () => 'poison'; ArrayBuffer.isView = () => true; btoa('a')",
      "a global that cannot be configured":
        "Object.defineProperty(globalThis, 'sticky', { value: 1, configurable: false, writable: false }); 1",
      "a registered symbol": "globalThis[Symbol.for('leak')] = 1; 1",
      "a lexical name of the top level": "let leakLexical = 1; const Array2 = 2; class Leak {} 1",
      "a function of the top level": "function leakFunction() {} var leakVar = 1; 1",
      "timers that outlive the program":
        "setInterval(() => { globalThis.leakTimer = 1 }, 0); setTimeout(() => { Array.prototype.leak = 1 }, 1); 1",
      "promises that outlive the program": "(async () => { for (;;) { await null; globalThis.leakPromise = 1 } })(); 1",
      "calls that are answered later": "AI.run('m').then(() => { globalThis.leakCall = 1 }); 1",
      "an answer forged before it comes": "const p = AI.run('hang'); p.then = (f) => f('forged'); await p",
      "two ends": "setTimeout(() => { throw 1 }, 0); await new Promise((r) => setTimeout(r, 3)); 'first'",
      "a then on everything, and an end that is raced":
        "globalThis.then = (r) => r('mine'); Object.prototype.then = function (r) { r(7) }; Promise.reject(1); setTimeout(() => console.log('late'), 0); queueMicrotask(() => { throw 1 }); ({ a: 1 })",
      "an end inside a getter": "({ get a() { return (() => { throw new Error('inside') })() } })",
      "regular expression statics": "/(secret)/.exec('secret'); RegExp.$1 ?? 1",
    },
    { args: { timeout_ms: 700 } },
  ),
];
