import type { GuestError, ProgramForm } from "../isolate.ts";
import type { Shift } from "../program/edits.ts";
import type { RunError } from "../protocol.ts";

const frame = /^\s*at (?:async )?(?:(.*?) \()?((?:[^()\s:]|:(?!\d))+):(\d+)(?::(\d+))?\)?$/;
const framesMax = 20;

/**
 * The error as the user wrote their program: their files, lines and columns. `files` are the names of the program and
 * its modules; frames of anything else are left out.
 */
export function placeError(error: GuestError, form: ProgramForm | undefined, files: ReadonlySet<string>): RunError {
  const frames: { text: string; file: string; line: number; column: number | undefined }[] = [];
  for (const text of error.stack.split("\n")) {
    const match = frame.exec(text);
    if (!match || frames.length === framesMax) continue;
    const [, name, file = "", lineText, columnText] = match;
    const isMain = file === form?.file;
    if (!isMain && !files.has(file)) continue;
    const line = Number(lineText);
    let column = columnText === undefined ? undefined : Number(columnText);
    if (isMain && column !== undefined) column = userColumn(form.shifts, line, column);
    const where = `${file}:${line}${column === undefined ? "" : `:${column}`}`;
    const isNamed = name && name !== "<eval>" && name !== "eval";
    frames.push({ text: isNamed ? `at ${name} (${where})` : `at ${where}`, file, line, column });
  }
  const [first] = frames;
  return {
    name: error.name,
    message: error.message,
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(first && first.file !== form?.file ? { file: first.file } : {}),
    ...(first ? { line: first.line } : {}),
    ...(first?.column === undefined ? {} : { column: first.column }),
    ...(frames.length === 0 ? {} : { stack: frames.map(({ text }) => text).join("\n") }),
  };
}

function userColumn(shifts: readonly Shift[], line: number, column: number): number {
  let by = 0;
  for (const shift of shifts) if (shift.line === line && shift.column <= column) by = shift.by;
  return Math.max(1, column - by);
}
