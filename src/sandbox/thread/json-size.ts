const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const bracket = 0x5b;
const brace = 0x7b;

/** About how many values a JSON text holds, without making any of them: its lists, its objects, and what commas part. */
export function jsonValues(text: string): number {
  let count = 1;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isInString) {
      if (unit === backslash) at++;
      else if (unit === quote) isInString = false;
    } else if (unit === quote) isInString = true;
    else if (unit === comma || unit === bracket || unit === brace) count++;
  }
  return count;
}
