/** What runs a program: QuickJS for most, V8 where computation is heavy. */
export type Engine = "quickjs" | "v8";
