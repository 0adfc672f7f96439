import { SwitchyardError } from "../core/errors.ts";
import { creditLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";

/**
 * An amount that the ledger may record: a whole number of nano-dollars from `min` to the largest there is. Types are erased at
 * the library's edge, so the check is made here as well.
 * @throws invalid_request naming the field.
 */
export function checkAmount(amount: NanoUsd, field: string, min: NanoUsd = 0n): NanoUsd {
  if (typeof amount === "bigint" && amount >= min && amount <= creditLimits.amountNanoUsdMax) return amount;
  const given = typeof amount === "bigint" ? formatUsd(amount) : `${JSON.stringify(amount) ?? typeof amount}`;
  throw new SwitchyardError(
    "invalid_request",
    `${field} must be an amount from ${formatUsd(min)} to ${formatUsd(creditLimits.amountNanoUsdMax)} US dollars, not ${given}`,
    { next: "Give a positive decimal with at most nine places", details: { field } },
  );
}

/** `Math.min` for money. */
export function smaller(left: NanoUsd, right: NanoUsd): NanoUsd {
  if (left < right) return left;
  return right;
}

/** @throws invalid_request when a name or key from outside is empty, too long or holds a control character. */
export function checkText(text: string, field: string, charactersMax: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (text.length > 0 && text.length <= charactersMax && !/[\u0000-\u001f\u007f]/.test(text)) return text;
  throw new SwitchyardError(
    "invalid_request",
    `${field} must be 1 to ${charactersMax} characters without control characters`,
    { next: `Give a shorter ${field}`, details: { field, characters: text.length } },
  );
}
