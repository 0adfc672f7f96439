import type { Clock } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";

const { retryPercent, retryFloor, retriesSavedMax } = inferLimits;
const whole = 100;

/**
 * How many retries each provider may be sent: a tenth of its calls, and a few that need not be earned. When a provider
 * is down, every call failing at once must not become three.
 */
export class RetryBudgets {
  readonly #clock: Clock;
  /** In hundredths of a retry. */
  readonly #accounts = new Map<string, { saved: number; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A first attempt is made, which earns a part of a retry. */
  earn(provider: string): void {
    const account = this.#account(provider);
    account.saved = Math.min(retriesSavedMax * whole, account.saved + retryPercent);
  }

  /** Whether a retry may be made; then it is spent. */
  spend(provider: string): boolean {
    const account = this.#account(provider);
    if (account.saved < whole) return false;
    account.saved -= whole;
    return true;
  }

  /** Providers are few and named by the settings, so accounts need no bound of their own. */
  #account(provider: string): { saved: number; atMs: number } {
    const nowMs = this.#clock.monotonicMs();
    let account = this.#accounts.get(provider);
    if (!account) {
      account = { saved: retryFloor * whole, atMs: nowMs };
      this.#accounts.set(provider, account);
    }
    const back = ((nowMs - account.atMs) / 1_000) * whole;
    if (account.saved < retryFloor * whole) account.saved = Math.min(retryFloor * whole, account.saved + back);
    account.atMs = nowMs;
    return account;
  }
}
