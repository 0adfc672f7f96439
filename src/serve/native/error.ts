import type { ErrorDialect } from "../api/exchange.ts";

/** The same object as in a tool's error. */
export const nativeErrors: ErrorDialect = { body: (facts) => ({ error: facts }) };
