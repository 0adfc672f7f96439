/** Numbers in [0, 1) from a seed: the same seed mutates the same way. */
export function seededFraction(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const numbers = ["0", "-0", "-1", "NaN", "Infinity", "2**31", "2**31-1", "2**32", "2**53-1", "1e308", "65535", "0.5"];
const wrappers: ((code: string) => string)[] = [
  (code) => `try { ${code} } catch (e) { console.log(e) }`,
  (code) => `await Promise.all([1, 2, 3].map(async () => { ${code} }))`,
  (code) => `(async () => { ${code} })(); await new Promise((r) => setTimeout(r, 2)); 1`,
  (code) => `setTimeout(() => { ${code} }, 0); await new Promise((r) => setTimeout(r, 5)); 1`,
  (code) => `const f = () => { ${code} }; try { f() } finally { f() }`,
  (code) => `for (let round = 0; round < 3; round++) { ${code} }`,
  (code) => `class A { static { try { ${code} } catch {} } } 1`,
  (code) => `eval(${JSON.stringify(code)})`,
  (code) => `new Function(${JSON.stringify(code)})()`,
  (code) => `const p = new Proxy({}, { get() { ${code} } }); try { p.x } catch {} p`,
  (code) => `({ toJSON() { ${code} } })`,
  (code) => `AI.run("m").then(() => { ${code} }); await AI.run("x"); 1`,
  (code) => `export default async () => { ${code} }`,
  (code) => `const g = function* () { ${code}; yield 1 }; [...g()]`,
];
const inserts = [
  "await AI.run('m');",
  "AI.run('fail').catch(() => {});",
  "console.log(globalThis);",
  "Object.freeze(Object.prototype);",
  "delete globalThis.Promise;",
  "throw null;",
  "throw { get stack() { throw 1 } };",
  "queueMicrotask(() => { throw 1 });",
  "new Uint8Array(1e6).fill(7);",
  "Error.prepareStackTrace = (e, s) => s;",
  "Symbol.prototype[Symbol.toPrimitive] = null;",
  "return 1;",
  "fast.hash('md5', 'x');",
  "structuredClone(globalThis);",
];

/** One program made of `code` and perhaps `other`. Most parse; those that do not are worth trying too. */
export function mutate(code: string, other: string, fraction: () => number): string {
  const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(fraction() * list.length)] as Item;
  const at = () => Math.floor(fraction() * code.length);
  switch (Math.floor(fraction() * 9)) {
    case 0:
      return pick(wrappers)(code);
    case 1:
      return `${code}; ${other}`;
    case 2:
      return code.replace(/\b\d[\d_.e]*\b/g, (number) => (fraction() < 0.4 ? pick(numbers) : number));
    case 3: {
      const parts = code.split(/(?<=[;{}])\s/);
      parts.splice(Math.floor(fraction() * parts.length), 0, pick(inserts));
      return parts.join(" ");
    }
    case 4: {
      const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
      return code.slice(0, from) + code.slice(to);
    }
    case 5: {
      const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
      return code.slice(0, to) + code.slice(from, to) + code.slice(to);
    }
    case 6: {
      const cut = Math.floor(fraction() * other.length);
      return code.slice(0, at()) + other.slice(cut);
    }
    case 7: {
      const words = [...new Set(code.match(/[A-Za-z_]\w+/g) ?? [])];
      const others = [...new Set(other.match(/[A-Za-z_]\w+/g) ?? [])];
      return words.length && others.length ? code.replaceAll(pick(words), pick(others)) : code;
    }
    default:
      return pick(wrappers)(pick(wrappers)(code));
  }
}
