/**
 * An area in square metres as somebody writes it, in square decimetres: exact, for the law counts it.
 *
 * @returns undefined for anything but digits with at most two decimals
 */
export function areaDm2(text: string): number | undefined {
  const parts = /^(\d{1,12})(?:[.．](\d{1,2}))?$/.exec(text.trim().replaceAll(/[,，\s]/g, ""));
  if (parts === null) return undefined;
  const [, whole = "", part = ""] = parts;
  return Number(whole) * 100 + Number(part.padEnd(2, "0"));
}

/** The other way, for reading. */
export function areaText(dm2: number): string {
  const whole = Math.floor(dm2 / 100);
  const part = dm2 % 100;
  return part === 0 ? String(whole) : `${whole}.${String(part).padStart(2, "0")}`;
}
