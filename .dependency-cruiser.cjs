// The rooms, lowest first. A room may import its own files and the rooms named after it; nothing else of ours.
const rooms = {
  core: [],
  config: ["core"],
  store: ["core"],
  catalog: ["core"],
  providers: ["core"],
  credits: ["core", "store"],
  memory: ["core", "store"],
  sandbox: ["core"],
  artifacts: ["core", "store"],
  infer: ["core", "store", "catalog", "providers", "credits"],
  telemetry: ["core", "infer"],
  keeper: ["core", "infer"],
  simulator: ["core"],
  arguments: ["core"],
  serve: [
    "core",
    "arguments",
    "store",
    "catalog",
    "providers",
    "credits",
    "memory",
    "sandbox",
    "artifacts",
    "infer",
    "config",
  ],
};

const ours = "^(src|tools)/";
const forbidden = [
  { name: "no-circular", severity: "error", comment: "A cycle is a bug.", from: {}, to: { circular: true } },
  {
    name: "not-to-test",
    severity: "error",
    comment: "Product code does not import tests or benchmarks.",
    from: { path: ours },
    to: { path: "^(test|bench|scripts)/" },
  },
  {
    name: "only-cli-imports-tools",
    severity: "error",
    comment: "The tools are handed to serve by cli (and by the library entry).",
    from: { path: "^src/", pathNot: "^src/(cli/|index\\.ts$)" },
    to: { path: "^tools/" },
  },
  {
    name: "tools-use-the-gateway",
    severity: "error",
    comment: "A tool is a schema and a handler over the gateway; it knows no transport.",
    from: { path: "^tools/" },
    to: { path: "^src/(serve|cli|simulator)/" },
  },
  {
    name: "gateway-knows-no-transport",
    severity: "error",
    from: { path: "^src/[^/]+\\.ts$" },
    to: { path: "^src/(serve|cli|simulator)/" },
  },
];
for (const [room, below] of Object.entries(rooms)) {
  const top = room === "serve" ? "|gateway\\.ts|tool\\.ts" : "";
  forbidden.push({
    name: `${room}-imports-down`,
    severity: "error",
    comment: `src/${room} may import ${below.join(", ") || "nothing of ours"}.`,
    from: { path: `^src/${room}/` },
    to: {
      path: ours,
      pathNot: `^src/(${[room, ...below].join("|")})/${top ? `|^src/(gateway|tool)\\.ts$` : ""}`,
    },
  });
}

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    parser: "swc",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json", ".mjs"] },
  },
};
