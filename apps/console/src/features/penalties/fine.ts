const MOST_FEN = 1_000_000_000_000;

/** Reads yuan as somebody types them, with thousands apart or not; `undefined` for what is no amount. */
export function fenOf(text: string): number | undefined {
  const [, yuan, fen = ""] =
    /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(text.trim().replaceAll(/[,，\s]/g, "")) ?? [];
  if (yuan === undefined) return undefined;
  const amount = Number(yuan) * 100 + Number(fen.padEnd(2, "0"));
  return amount <= MOST_FEN ? amount : undefined;
}

/** Hundredths as yuan, e.g. `50,000` and `12.50`. */
export function yuanOf(fen: number): string {
  const hasFen = fen % 100 !== 0;
  return (fen / 100).toLocaleString("en", {
    minimumFractionDigits: hasFen ? 2 : 0,
    maximumFractionDigits: 2,
  });
}
