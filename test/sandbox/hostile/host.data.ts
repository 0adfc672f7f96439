import { type HostileProgram, programs } from "./program.ts";

/** Reaching the network, the disk, the environment, other runs and what errors tell of the machine. */
export const hostPrograms: HostileProgram[] = [
  ...programs(
    ["ok"],
    {
      "fetch without permission": "typeof fetch",
      XMLHttpRequest: "typeof XMLHttpRequest",
      WebSocket: "typeof WebSocket",
      EventSource: "typeof EventSource",
      navigator: "typeof navigator",
      Worker: "typeof Worker",
      "importScripts and location": "typeof importScripts === 'undefined' && typeof location",
      "Deno and Bun": "typeof Deno === 'undefined' && typeof Bun",
      "QuickJS's std and os": "typeof std === 'undefined' && typeof os",
      "d8's and shells' helpers":
        "typeof load === 'undefined' && typeof read === 'undefined' && typeof print === 'undefined' && typeof quit",
      "the upstream servers' global when there are none": "typeof mcp",
      "a message port": "typeof MessageChannel === 'undefined' && typeof postMessage",
    },
    { result: "undefined" },
  ),
  ...programs(
    ["ok"],
    {
      "paths in a thrown error":
        "try { null.x } catch (e) { /\\/work|\\/home|node_modules|node:|file:|\\.ts:/.test(e.stack.replaceAll('main.ts', '')) }",
      "paths in a host error":
        "try { await AI.run('fail') } catch (e) { /\\/|node:|file:/.test(e.message) || /node_modules|node:|file:/.test(e.stack) }",
      "paths in a native's error": "try { new URL('x') } catch (e) { /node_modules|node:|file:|\\.ts:/.test(e.stack) }",
      "paths in an import's error":
        "try { await import('./nope.js') } catch (e) { /node_modules|node:|file:|\\/work/.test(e.stack + e.message) }",
      "paths in a stack overflow":
        "const f = () => f(); try { f() } catch (e) { /node_modules|node:|file:|\\.ts:/.test(e.stack) }",
      "paths in an async stack":
        "const f = async () => { await null; throw new Error('x') }; try { await f() } catch (e) { /node_modules|node:|file:|\\.ts:/.test(e.stack) }",
      "paths in a timer's stack":
        "await new Promise((r) => setTimeout(() => r(/node_modules|node:|file:|\\.ts:/.test(new Error().stack)), 1))",
      "paths in Error.captureStackTrace":
        "const o = {}; Error.captureStackTrace?.(o); /node_modules|node:|file:|\\.ts:/.test(o.stack ?? '')",
      "names of the machine in Date": "!/UTC|GMT\\+0000/.test(new Date(0).toString())",
      "the machine's language": "(1234.5).toLocaleString('de-DE') === 'x'",
      "the machine's time zone": "new Date(2020, 0, 1).getTimezoneOffset() !== 0",
      "the process's arguments in guest memory":
        "Object.getOwnPropertyNames(globalThis).some((n) => /argv|env|script/i.test(n))",
    },
    { result: false },
  ),
  ...programs(
    ["ok", "error"],
    {
      "a binding that does not exist":
        "try { await AI.run.call(null, 'm'); await AI['__proto__']; } catch {} 'nothing'",
      "a call with a forged name through the namespace":
        "const fake = { ...AI }; try { await fake.run('m') } catch {} 'nothing'",
      "arguments that are not a list": "try { await AI.run(...Array(1000).fill(null)) } catch {} 'nothing'",
      "arguments with a lone surrogate and NUL": "await AI.run('\\ud800\\u0000'); 'nothing'",
      "arguments with a million keys":
        "const o = {}; for (let i = 0; i < 60000; i++) o['k' + i] = i; try { await AI.run(o) } catch {} 'nothing'",
      "an answer nested deeply": "try { await AI.run('deep') } catch {} 'nothing'",
      "a URL with credentials and a port scan":
        "for (let p = 1; p < 200; p++) new URL('http://a:b@127.0.0.1:' + p + '/').href; 'nothing'",
      "a module path out of the root":
        "try { const m = await import('./../../../../../../etc/passwd'); m.default } catch { 'nothing' }",
      "a module that is a directory": "try { await import('./'); } catch {} 'nothing'",
      "a module with a null byte": "try { await import('a\\u0000b') } catch {} 'nothing'",
    },
    { result: "nothing" },
  ),
  ...programs(
    ["ok", "error", "timeout"],
    {
      "arguments nested 100 000 deep":
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; try { await AI.run(a) } catch {} 'nothing'",
    },
    { result: "nothing", args: { timeout_ms: 500 } },
  ),
];
