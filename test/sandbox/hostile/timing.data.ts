import { type HostileProgram, programs } from "./program.ts";

/** Reading the machine's time or other runs' presence, and forms of source that mislead the parser. */
export const timingPrograms: HostileProgram[] = [
  ...programs(
    ["ok"],
    {
      "timing a loop by Date.now": "const a = Date.now(); for (let i = 0; i < 3e6; i++); Date.now() - a === 0",
      "timing a loop by new Date": "const a = +new Date(); for (let i = 0; i < 3e6; i++); +new Date() - a === 0",
      "timing a loop by performance.now":
        "const a = performance.now(); for (let i = 0; i < 3e6; i++); performance.now() - a === 0",
      "timing a native call":
        "const b = new Uint8Array(4e6); const a = Date.now(); fast.hash('sha256', b); Date.now() - a === 0",
      "a clock made of a counter and a timer":
        "let n = 0; const a = Date.now(); while (Date.now() - a < 3) n++; n >= 1000 && n <= 4000",
      "a clock with more than milliseconds":
        "const t = []; for (let i = 0; i < 100; i++) t.push(Date.now() % 1); t.every((x) => x === 0)",
      "Intl and Temporal as clocks": "typeof Intl === 'undefined' && typeof Temporal === 'undefined'",
      "the date's original constructor":
        "const D = Object.getPrototypeOf(new Date()).constructor; const a = D.now(); for (let i = 0; i < 3e6; i++); D.now() - a === 0 && +new D() - a <= 1",
      "a subclass of Date":
        "class D extends Date {} const a = +new D(); for (let i = 0; i < 3e6; i++); +new D() - a === 0",
      "Reflect.construct of Date":
        "const a = +Reflect.construct(Date, []); for (let i = 0; i < 3e6; i++); +Reflect.construct(Date, [], Object) !== a || true",
    },
    { result: true, args: { timeout_ms: 20_000 } },
  ),
  ...programs(["ok", "error"], {
    "a wrapper closed early": "}); globalThis.escaped = typeof process; (async () => {",
    "a wrapper closed early, with a return":
      "return 1 }); globalThis.escaped = typeof process; (async () => { return 2",
    "a comment that swallows what follows": "1 + 1 //",
    "a block comment that is not closed": "1 + 1 /*",
    "a template that is not closed": "`${1",
    "a text that is not closed": "'abc",
    "a regular expression that is not closed": "/abc",
    "HTML comments": "1 + 1 <!-- comment\n--> more\n2",
    "a hashbang": "#!/usr/bin/env node\n1 + 1",
    "a byte order mark": "\ufeff1 + 1",
    "a null byte": "1 + 1 \u0000 + 1",
    "line separators": "1 +\u2028 1 \u2029",
    "a forged source name": "1 + 1\n//# sourceURL=switchyard\n//# sourceMappingURL=file:///etc/passwd",
    "strict reserved words": "var let_ = 1; var yield_ = 2; var implements = 3; implements",
    with: "with ({ a: 5 }) { a }",
    "unicode escapes in names": "var \\u0061bc = 5; abc",
    "await as a name": "var await = 5; await",
    "a directive": "'use strict'; undeclared = 1",
    "labels and octals": "a: 010 + 1",
    "an import inside a text": "const s = 'import a from \"b\"'; s.length > 0",
    "an import inside a template with code": "`import x from 'y'\nexport default 1`.length > 0",
    "an export in the middle": "const a = 1; export { a }; export default a; a",
    "types that look like code":
      "type A = { [k in 'a' | 'b']: () => void }; const a: A = { a() {}, b() {} }; Object.keys(a).length",
    "a type assertion that looks like a comparison": "const a = <T,>(x: T) => x; a(5)",
    "an empty program": "",
    "white space": " \n\t\n",
    "a deeply nested template": `${"`${".repeat(500)}1${"}`".repeat(500)}`,
    "a long chain of operators": `1${"+1".repeat(20000)}`,
    "a long array": `[${"1,".repeat(50000)}]`,
    "a long line of statements": "a=1;".repeat(50000),
    "braces nested deeply": "{".repeat(20000) + "}".repeat(20000),
    "parentheses nested deeply": `${"(".repeat(50000)}1${")".repeat(50000)}`,
    "arrows nested deeply": `${"()=>".repeat(10000)}1`,
    "brackets nested deeply": "[".repeat(50000) + "]".repeat(50000),
    "types nested deeply": `let a: ${"Array<".repeat(5000)}1${">".repeat(5000)} = [] as any`,
    "unary operators without end": `${"!".repeat(50000)}1`,
    "a regular expression literal nested deeply": `/${"(?:".repeat(5000)}${")".repeat(5000)}/`,
  }),
];
