/** Width and height of a ratio such as `16:9` with as many pixels as a square of `side`, in multiples of `step`. */
export function sizeOfRatio(ratio: string, side: number, step = 16): [width: number, height: number] {
  const [across = 1, down = 1] = ratio.split(":").map(Number);
  const scale = Number.isFinite(across / down) && across > 0 && down > 0 ? Math.sqrt(across / down) : 1;
  const round = (length: number) => Math.max(step, Math.round(length / step) * step);
  return [round(side * scale), round(side / scale)];
}

/** Width and height of a film: its shorter side has `lines`. */
export function sizeOfFilm(ratio: string, lines: number): [width: number, height: number] {
  const [across = 16, down = 9] = ratio.split(":").map(Number);
  const scale = across / down;
  const even = (length: number) => Math.round(length / 2) * 2;
  return scale >= 1 ? [even(lines * scale), lines] : [lines, even(lines / scale)];
}
