import { SwitchyardError } from "../../core/errors.ts";

/** A host that programs may reach. */
export interface EgressRule {
  /** `api.example.com`, `*.example.com` for what is below it, or an IP address. */
  readonly host: string;
  /** GET and HEAD, unless given. */
  readonly methods?: readonly string[] | undefined;
  /** The scheme's own port, unless given. */
  readonly port?: number | undefined;
  /** `http` must be asked for. */
  readonly scheme?: "https" | "http" | undefined;
  /** The host may have a private address: a service of the user's own. */
  readonly private?: boolean | undefined;
}

/** A header that the host adds to requests to one host. Programs never see its value. */
export interface EgressSecret {
  /** One host, exactly. */
  readonly host: string;
  readonly header: string;
  readonly value: string;
}

export interface EgressSettings {
  readonly rules: readonly EgressRule[];
  readonly secrets?: readonly EgressSecret[] | undefined;
}

/** The rules that are left when a call narrows them to some hosts. A name may be wider or narrower than a rule's. */
export function narrowRules(rules: readonly EgressRule[], hosts: readonly string[] | undefined): readonly EgressRule[] {
  if (hosts === undefined) return rules;
  return rules.flatMap((rule) =>
    hosts.flatMap((host) => {
      if (covers(host, rule.host)) return [rule];
      return covers(rule.host, host) ? [{ ...rule, host }] : [];
    }),
  );
}

/**
 * The rule that admits a request.
 * @throws forbidden naming what was asked and what is allowed.
 */
export function admit(rules: readonly EgressRule[], url: URL, method: string): EgressRule {
  const host = hostOf(url);
  const ofHost = rules.filter((rule) => covers(rule.host, host));
  for (const rule of ofHost) {
    const scheme = rule.scheme ?? "https";
    const port = rule.port ?? (scheme === "https" ? 443 : 80);
    if (url.protocol !== `${scheme}:` || portOf(url) !== port) continue;
    if ((rule.methods ?? ["GET", "HEAD"]).includes(method)) return rule;
  }
  const allowed = rules.map(({ host: name, methods, scheme = "https", port }) => {
    const where = `${scheme}://${name}${port === undefined ? "" : `:${port}`}`;
    return `${(methods ?? ["GET", "HEAD"]).join("|")} ${where}`;
  });
  throw new SwitchyardError("forbidden", `${method} ${url.origin} is not allowed from the sandbox`, {
    next: allowed.length === 0 ? "Do without the network" : `Use what is allowed: ${allowed.join(", ")}`,
    details: { host },
  });
}

/** The headers that the host adds to a request. A secret is not sent in clear, but to a service of the user's own. */
export function secretsFor(secrets: readonly EgressSecret[], url: URL, rule: EgressRule): readonly EgressSecret[] {
  if (url.protocol !== "https:" && rule.private !== true) return [];
  return secrets.filter((secret) => secret.host.toLowerCase() === hostOf(url));
}

/** Lower case, without the brackets of an IPv6 address or a final dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/** Whether every host that `narrow` names is one that `wide` names. */
function covers(wide: string, narrow: string): boolean {
  const [pattern, name] = [wide.toLowerCase(), narrow.toLowerCase()];
  if (pattern === name) return true;
  return pattern.startsWith("*.") && name.replace(/^\*/, "").endsWith(pattern.slice(1));
}
