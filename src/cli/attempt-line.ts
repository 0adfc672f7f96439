import { isoTime } from "../core/clock.ts";
import type { LoggedAttempt } from "../infer/attempt-log.ts";

/** An attempt as `switchyard logs --attempts --json` prints it: every field always, `null` where it is not known. */
export function attemptFacts(one: LoggedAttempt) {
  return {
    id: one.id,
    attempt: one.attempt,
    workspace: one.workspace,
    key: one.key === "" ? null : one.key,
    asked: one.asked,
    route: one.route ?? null,
    model: one.model,
    provider: one.provider,
    provider_key: one.providerKey ?? null,
    outcome: one.outcome,
    error_kind: one.errorKind ?? null,
    error: one.error ?? null,
    input_tokens: one.inputTokens ?? null,
    output_tokens: one.outputTokens ?? null,
    cost: one.cost,
    list: one.list,
    unreconciled: one.isUnreconciled,
    first_ms: one.firstMs ?? null,
    ms: one.ms,
    at: isoTime(one.startedAtMs),
  };
}

/** The same for reading, on one line. */
export function attemptLine(one: LoggedAttempt): string {
  const { asked, model, providerKey, inputTokens, outputTokens, errorKind, error } = one;
  const served = model === asked ? model : `${asked} → ${model}`;
  const tokens = [inputTokens, outputTokens].map((count) => count ?? "?").join("→");
  const first = one.firstMs === undefined ? "" : ` (first after ${one.firstMs})`;
  // Where a kind is known the text of a provider's failure begins with it.
  const why = error === undefined || errorKind === undefined || error.startsWith(`${errorKind}: `);
  return [
    isoTime(one.startedAtMs),
    one.outcome,
    providerKey === undefined ? served : `${served} with ${providerKey}`,
    `${one.ms} ms${first}`,
    inputTokens === undefined && outputTokens === undefined ? "" : `${tokens} tokens`,
    `$${one.cost}${one.isUnreconciled ? " unreconciled" : ""}`,
    why ? (error ?? "") : `${errorKind}: ${error}`,
    `${one.id}#${one.attempt}`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}
