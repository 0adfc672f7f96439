/** The language of a BCP 47 tag without script and region, for providers that know languages alone: `pt-BR` is `pt`. */
export function languageOf(tag: string): string {
  return tag.split("-")[0]?.toLowerCase() ?? tag;
}
