/** Who did something and when, as commits and tags record it. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** Seconds since the epoch. */
  readonly at: number;
  /** `+hhmm` or `-hhmm`. */
  readonly zone: string;
}

const line = /^(.*?) ?<([^<>]*)> (-?\d{1,15}) ([+-]\d{4})$/s;

/** Reads `Name <email> seconds zone`. A line that is not so is kept as the name, at time zero. */
export function parsePerson(text: string): Person {
  const match = line.exec(text);
  if (!match) return { name: text.trim(), email: "", at: 0, zone: "+0000" };
  const [, name = "", email = "", at = "0", zone = "+0000"] = match;
  return { name, email, at: Number(at), zone };
}

export function formatPerson(person: Person): string {
  return `${cleanName(person.name)} <${cleanEmail(person.email)}> ${person.at} ${person.zone}`;
}

/** Reads what a caller gives as an author: `Name <email>`, or a name, or an address. */
export function parseAuthor(text: string): { readonly name: string; readonly email: string } {
  const match = /^([^<]*)<([^<>]*)>\s*$/.exec(text);
  if (match) {
    const email = cleanEmail(match[2] ?? "");
    return { name: cleanName(match[1] ?? "") || email || "unknown", email };
  }
  const name = cleanName(text);
  return { name: name || "unknown", email: /^\S+@\S+$/.test(name) ? name : "" };
}

/** Git refuses these characters inside a name. */
function cleanName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  return name.replace(/[\0-\x1f<>\x7f]+/g, " ").trim();
}

function cleanEmail(email: string): string {
  return email.replace(/[\0-\x20<>\x7f]+/g, "");
}
