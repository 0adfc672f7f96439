import type { GuestError, ProgramForm } from "../isolate.ts";
import type { RunError } from "../protocol.ts";

const frame = /^\s*at (?:(.*?) \()?((?:[^()\s:]|:(?!\d))+):(\d+)(?::(\d+))?\)?$/;
const ownFile = "switchyard";
const framesMax = 20;

/** The error as the user wrote their program: their files, lines and columns; the prelude's frames left out. */
export function placeError(error: GuestError, form: ProgramForm | undefined): RunError {
  const frames: { text: string; file: string; line: number; column: number | undefined }[] = [];
  for (const text of error.stack.split("\n")) {
    const match = frame.exec(text);
    if (!match || frames.length === framesMax) continue;
    const [, name, file = "", lineText, columnText] = match;
    if (file === ownFile || file === "native") continue;
    const line = Number(lineText);
    let column = columnText === undefined ? undefined : Number(columnText);
    if (form && column !== undefined && line === 1 && file === form.file)
      column = Math.max(1, column - form.firstColumn);
    const where = `${file}:${line}${column === undefined ? "" : `:${column}`}`;
    frames.push({ text: name && name !== "<eval>" ? `at ${name} (${where})` : `at ${where}`, file, line, column });
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
