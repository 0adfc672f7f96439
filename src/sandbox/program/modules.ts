import { stripTypes } from "./strip-types.ts";

/** The modules a program may import: files by path, nothing else. */
export class Modules {
  /** Names under which modules were loaded, as they stand in stacks. */
  readonly loaded = new Set<string>();
  #files: Readonly<Record<string, string>>;
  #onBroken: () => void;

  /** `onBroken` is called when the type stripper can no longer be used in this thread. */
  constructor(files: Readonly<Record<string, string>>, onBroken: () => void) {
    this.#files = files;
    this.#onBroken = onBroken;
  }

  /**
   * The JavaScript of a module, or null when there is no such file. As hosts and bundlers do, `./a.js` also finds
   * `a.ts`, and an ending may be left out.
   * @throws SyntaxError, for the importing program to see, when a TypeScript file does not parse.
   */
  load(name: string): string | null {
    for (const path of candidates(name)) {
      if (!Object.hasOwn(this.#files, path)) continue;
      this.loaded.add(name);
      const text = this.#files[path] ?? "";
      if (path.endsWith(".json")) return `export default ${text.trim() === "" ? "null" : text};`;
      if (!/\.[mc]?ts$/.test(path)) return text;
      const stripped = stripTypes(text);
      if (stripped.kind === "stripped") return stripped.source;
      if (stripped.kind === "refused") throw new SyntaxError(`${path}:${stripped.line ?? 1}: ${stripped.message}`);
      this.#onBroken();
      throw new SyntaxError(`${path} is nested too deeply`);
    }
    return null;
  }
}

function candidates(name: string): string[] {
  const clean = name.replace(/^(\.?\/)+/, "");
  return [
    clean,
    clean.replace(/\.([mc]?)js$/, ".$1ts"),
    `${clean}.ts`,
    `${clean}.js`,
    `${clean}/index.ts`,
    `${clean}/index.js`,
  ];
}
