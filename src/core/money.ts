import { SwitchyardError } from "./errors.ts";

/** Integer billionths of a US dollar. The only unit money is kept in. */
export type NanoUsd = bigint;

const nanoPerUsd = 1_000_000_000n;
/** $9.2 billion: what a 64-bit signed integer of nano-dollars can hold. */
const nanoUsdMax = 9_223_372_036_854_775_807n;
const decimal = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/;

/**
 * Reads a decimal string of US dollars with up to nine places (`"0.001234567"`).
 * @throws invalid_request when it is not such a number or does not fit 64 bits.
 */
export function parseUsd(text: string, field = "amount"): NanoUsd {
  const match = decimal.exec(text);
  if (match) {
    const [, sign = "", whole = "0", fraction = ""] = match;
    const nano = BigInt(whole) * nanoPerUsd + BigInt(fraction.padEnd(9, "0"));
    if (nano <= nanoUsdMax) return sign === "-" ? -nano : nano;
  }
  throw new SwitchyardError("invalid_request", `${field} ${JSON.stringify(text)} is not an amount of US dollars`, {
    next: 'Give a plain decimal with at most nine places, such as "25" or "0.001234567"',
    details: { field },
  });
}

/** The shortest decimal string of US dollars: `1234567n` is `"0.001234567"`. */
export function formatUsd(nano: NanoUsd): string {
  const sign = nano < 0n ? "-" : "";
  const abs = nano < 0n ? -nano : nano;
  const fraction = (abs % nanoPerUsd).toString().padStart(9, "0").replace(/0+$/, "");
  return `${sign}${abs / nanoPerUsd}${fraction === "" ? "" : `.${fraction}`}`;
}
