/** Units of a drawing per CSS unit of length. CSS Values 4 §6.2 */
const PX_PER: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  mm: 96 / 25.4,
  cm: 96 / 2.54,
  in: 96,
};
const LARGEST = 1e7;

export interface DrawingSize {
  readonly width: number;
  readonly height: number;
  readonly viewBox: readonly [number, number, number, number];
}

/** The size of a drawing in its own units, by its `viewBox` or by width and height; `undefined` without either. */
export function readSize(attributes: Readonly<Record<string, string>>): DrawingSize | undefined {
  const box = (attributes.viewBox ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [x, y, boxWidth, boxHeight] = box;
  if (
    box.length === 4 &&
    x !== undefined &&
    y !== undefined &&
    Number.isFinite(x) &&
    Number.isFinite(y) &&
    isSide(boxWidth) &&
    isSide(boxHeight)
  ) {
    return { width: boxWidth, height: boxHeight, viewBox: [x, y, boxWidth, boxHeight] };
  }
  const width = lengthPx(attributes.width);
  const height = lengthPx(attributes.height);
  if (!isSide(width) || !isSide(height)) return undefined;
  return { width, height, viewBox: [0, 0, width, height] };
}

function lengthPx(text: string | undefined): number | undefined {
  const [, number, unit] = /^\s*\+?(\d{1,9}(?:\.\d{1,9})?)\s?([a-z]{0,2})\s*$/.exec(text ?? "") ?? [];
  const perUnit = PX_PER[unit ?? ""];
  return number === undefined || perUnit === undefined ? undefined : Number(number) * perUnit;
}

function isSide(side: number | undefined): side is number {
  return side !== undefined && side > 0.001 && side <= LARGEST;
}
