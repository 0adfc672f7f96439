import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";
import { type ByteString, toByteString } from "./objects/byte-string.ts";
import { forbiddenName } from "./objects/forbidden-name.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
const onlyDotsAndSpaces = /^[. ]+$/;
const drive = /^[a-z]:/i;

/**
 * A path inside a repository as its components, or a refusal. Paths are relative, with forward slashes, and mean the
 * same on every file system that a clone may land on.
 * @throws invalid_request naming the path and what is wrong with it.
 */
export function parsePath(path: string): readonly ByteString[] {
  const refuse = (what: string) => badPath(path, what);
  if (path === "") throw refuse("is empty");
  if (!path.isWellFormed()) throw refuse("is not valid Unicode");
  if (Buffer.byteLength(path) > artifactLimits.pathBytesMax) {
    throw refuse(`is longer than ${artifactLimits.pathBytesMax} bytes`);
  }
  if (control.test(path)) throw refuse("has a control character in it");
  if (path.includes("\\")) throw refuse("has a backslash in it");
  if (path.startsWith("/") || drive.test(path)) throw refuse("is absolute");
  return path.split("/").map((component) => {
    if (component === "") throw refuse("has an empty component");
    if (onlyDotsAndSpaces.test(component) || /^\.+$/.test(percentDecoded(component))) {
      throw refuse("steps out of its directory");
    }
    if (Buffer.byteLength(component) > artifactLimits.nameBytesMax) {
      throw refuse(`has a name longer than ${artifactLimits.nameBytesMax} bytes`);
    }
    const name = toByteString(component);
    const forbidden = forbiddenName(name) ?? forbiddenName(toByteString(percentDecoded(component)));
    if (forbidden !== null) throw refuse(`has ${forbidden}`);
    return name;
  });
}

/** Like `parsePath`, where nothing, `.` and `/` mean the top directory and a slash may end the path. */
export function parseDirectoryPath(path: string | undefined): readonly ByteString[] {
  if (path === undefined || path === "" || path === "." || path === "/") return [];
  return parsePath(path.replace(/^\.\//, "").replace(/\/$/, ""));
}

/** What names a file system that folds case or Unicode forms keeps apart: two names with one key collide there. */
export function collisionKey(name: ByteString): string {
  return Buffer.from(name, "latin1").toString("utf8").normalize("NFC").toLowerCase().normalize("NFC");
}

export function badPath(path: string, what: string): SwitchyardError {
  return new SwitchyardError("invalid_request", `the path ${JSON.stringify(path.slice(0, 300))} ${what}`, {
    next: 'Give a relative path inside the repository with forward slashes, such as "src/main.ts"',
    details: { path: path.slice(0, 300) },
  });
}

/** `%2e%2e` is a plain name here, and nobody means well by it: something on the way may decode it. */
function percentDecoded(component: string): string {
  return component.replace(/%(2e|2f|5c)/gi, (code) => decodeURIComponent(code));
}
