/** An area for reading, in square metres with what decimals it has: exact. */
export function areaText(dm2: number): string {
  const whole = Math.floor(dm2 / 100);
  const part = dm2 % 100;
  return part === 0 ? String(whole) : `${whole}.${String(part).padStart(2, "0")}`;
}
