import { join } from "node:path";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";

const encoder = new TextEncoder();
const kept = /[a-z0-9_-]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const refused = /[\u0000-\u001f\u007f-\u009f/\\]/;

/**
 * The name as profiles are compared: NFC.
 * @throws invalid_request when it is empty, too long, or holds slashes, control characters or outer spaces.
 */
export function checkProfileName(name: string): string {
  const normal = name.normalize("NFC");
  const bytes = encoder.encode(normal).length;
  const problem =
    normal === ""
      ? "is empty"
      : bytes > memoryLimits.profileNameBytesMax
        ? `has ${bytes} bytes, more than ${memoryLimits.profileNameBytesMax}`
        : !normal.isWellFormed()
          ? "is not well-formed Unicode"
          : refused.test(normal)
            ? "holds a slash or a control character"
            : normal !== normal.trim()
              ? "begins or ends with a space"
              : undefined;
  if (problem === undefined) return normal;
  throw new SwitchyardError("invalid_request", `the profile name ${JSON.stringify(name.slice(0, 80))} ${problem}`, {
    next: `Use up to ${memoryLimits.profileNameBytesMax} bytes of letters, digits, spaces and marks such as - _ . : @`,
    details: { field: "profile" },
  });
}

/** Where a profile is kept. Different names give files that differ on case-insensitive file systems too. */
export function profilePath(directory: string, workspace: string, profile: string): string {
  return join(directory, fileName(workspace), `${fileName(profile)}.db`);
}

/**
 * A name as a file name: lower-case letters, digits, `_` and `-` stand for themselves, every other byte is `%XX`, and
 * so is the first byte of a name that Windows reserves for a device.
 */
export function fileName(name: string): string {
  const isDevice = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/.test(name);
  let encoded = "";
  for (const [index, byte] of encoder.encode(name).entries()) {
    const character = String.fromCharCode(byte);
    const keep = kept.test(character) && !(isDevice && index === 0);
    encoded += keep ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** The name that `fileName` encoded, or undefined for a file that is not ours. */
export function nameOfFile(file: string): string | undefined {
  try {
    const name = decodeURIComponent(file);
    return fileName(name) === file ? name : undefined;
  } catch {
    return undefined;
  }
}
