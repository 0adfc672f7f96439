/**
 * What in a `.gitmodules` file could make a clone with submodules run or overwrite something, or null
 * (CVE-2018-11235, CVE-2018-17456, CVE-2020-5260; the checks of `git fsck`).
 */
export function gitmodulesProblem(bytes: Buffer): string | null {
  let name: string | null = null;
  for (const line of bytes.toString("utf8").split(/\r?\n/)) {
    const section = /^\s*\[\s*submodule\s+"((?:[^"\\]|\\.)*)"\s*\]/i.exec(line);
    if (section) {
      name = (section[1] ?? "").replace(/\\(.)/g, "$1");
      if (name === "" || name.split(/[/\\]/).includes("..")) return `a submodule is named ${JSON.stringify(name)}`;
      continue;
    }
    if (/^\s*\[/.test(line)) name = null;
    const [, key = "", raw = ""] = /^\s*([a-z][a-z0-9-]*)\s*=\s*(.*?)\s*$/i.exec(line) ?? [];
    if (name === null || key === "") continue;
    const value = raw.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1");
    const problem = valueProblem(key.toLowerCase(), value);
    if (problem !== null) return problem;
  }
  return null;
}

function valueProblem(key: string, value: string): string | null {
  const shown = JSON.stringify(value.slice(0, 100));
  if ((key === "url" || key === "path") && value.startsWith("-")) return `a submodule's ${key} is the option ${shown}`;
  if (key === "update" && value.startsWith("!")) return `a submodule's update is the command ${shown}`;
  if (key === "url" && /%0a|%0d|\n/i.test(value)) return `a submodule's url has a newline in it: ${shown}`;
  return null;
}
