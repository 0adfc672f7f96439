import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { formatUsd } from "../core/money.ts";
import { parseDollars } from "./arguments.ts";
import { printJson } from "./print-json.ts";
import { withLedger } from "./with-ledger.ts";

export interface HistoryOptions {
  readonly call?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly json?: boolean;
}

/** `switchyard credits history`: movements of money, newest first. */
export async function showHistory(options: HistoryOptions): Promise<void> {
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const query = { call: options.call, limit: number(options.limit), cursor: number(options.cursor) };
  await withLedger(async ({ admin }) => {
    const page = await admin.history(query);
    if (options.json) return printJson(page);
    for (const entry of page.entries) {
      const what = [entry.tool, entry.model, entry.note].filter((text) => text !== null).join("  ");
      console.log(
        `${String(entry.seq).padStart(7)}  ${isoTime(entry.at)}  ${entry.kind.padEnd(12)} $${formatUsd(entry.amount).padEnd(14)} ${entry.account}  ${entry.call ?? entry.hold ?? entry.grant ?? ""}  ${what}`,
      );
    }
    if (page.next !== null) console.log(`More: switchyard credits history --cursor ${page.next}`);
  });
}

/** `switchyard credits export`: the whole journal as CSV, to a file or to stdout. */
export async function exportHistory(file: string | undefined): Promise<void> {
  await withLedger(async ({ admin }) => {
    const lines = Readable.from(admin.exportCsv());
    if (file === undefined) return await pipeline(lines, process.stdout, { end: false });
    await pipeline(lines, createWriteStream(file, { flags: "wx" })).catch((error: unknown) => {
      const exists = (error as { code?: unknown }).code === "EEXIST";
      throw new SwitchyardError("invalid_request", `${file} ${exists ? "is there already" : "cannot be written"}`, {
        next: "Give another file, or none for stdout",
        cause: error,
      });
    });
  });
}

/** `switchyard credits refund <call> [dollars]`. */
export async function refundCall(call: string, dollars: string | undefined): Promise<void> {
  const amount = dollars === undefined ? undefined : parseDollars(dollars, "the refund");
  await withLedger(async ({ admin }) => {
    const { refunded, charged } = await admin.refund(call, amount);
    console.log(`Refunded $${formatUsd(refunded)}; $${formatUsd(charged)} of the call's charge is left.`);
  });
}

/** `switchyard credits unreconciled`: calls that were charged by a guess. */
export async function showUnreconciled(options: { json?: boolean }): Promise<void> {
  await withLedger(async ({ admin }) => {
    const holds = await admin.unreconciled();
    if (options.json) return printJson(holds);
    if (holds.length === 0) console.log("Every call was charged what it cost.");
    for (const { id, createdAt, charge, charged, held, reason } of holds) {
      console.log(
        `${id}  ${isoTime(createdAt)}  ${charge.model ?? charge.tool}  charged $${formatUsd(charged)} of $${formatUsd(held)}  ${reason}`,
      );
    }
  });
}

/** `switchyard credits reconcile <call> <dollars>`: replaces a guess by what the call cost. */
export async function reconcileCall(call: string, dollars: string): Promise<void> {
  await withLedger(async ({ admin }) => {
    const { actual, first } = await admin.reconcile(call, parseDollars(dollars, "the cost"));
    console.log(
      first ? `Charged $${formatUsd(actual)}.` : `It was charged $${formatUsd(actual)} before, and still is.`,
    );
  });
}
