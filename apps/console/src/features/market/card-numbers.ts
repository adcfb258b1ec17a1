/** What somebody typed as card numbers, one a line. */
export interface TypedNumbers {
  /** Lower-case hexadecimal, each once. */
  readonly numbers: readonly string[];
  /** Lines, from 1, that are none. */
  readonly bad: readonly number[];
}

/** Reads numbers as readers, apps and stickers write them: with spaces, colons or hyphens, or without. */
export function readNumbers(typed: string): TypedNumbers {
  const numbers = new Set<string>();
  const bad: number[] = [];
  for (const [index, line] of typed.split("\n").entries()) {
    if (line.trim() === "") continue;
    const number = readNumber(line);
    if (number === undefined) bad.push(index + 1);
    else numbers.add(number);
  }
  return { numbers: [...numbers], bad };
}

/** One number, 4 to 10 bytes; `undefined` for anything else. */
export function readNumber(typed: string): string | undefined {
  const digits = typed
    .trim()
    .replace(/[\s:-]/g, "")
    .toLowerCase();
  return /^([0-9a-f]{2}){4,10}$/.test(digits) ? digits : undefined;
}
